# Homebrew on Linux: brew install --build-from-source ./stdiogate.rb
class Stdiogate < Formula
  desc "Run an MCP server over stdio, many requests at once"
  homepage "@RELEASE_URL@"
  url "@RELEASE_URL@/stdiogate-@VERSION@.tar.gz"
  sha256 "@SHA256@"
  license "MIT"
  depends_on "pkgconf" => :build
  depends_on :linux
  depends_on "simdjson"

  def install
    system "make", "install-program", "PREFIX=#{prefix}"
  end

  test do
    assert_equal "stdiogate #{version}\n", shell_output("#{bin}/stdiogate --version")
  end
end
