#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Texts that are, and texts that are not, one JSON value by RFC 8259. What the grammar leaves open
/// (the size of numbers, lone surrogates, doubled names, depth) is decided by the gate's contract:
/// all of it is valid up to a depth of 1024.
namespace stdiogate {

inline std::vector<std::string> valid_json_values() {
  using namespace std::string_literals;
  std::vector<std::string> values = {
      // literals
      "true", "false", "null",
      // numbers
      "0", "-0", "1", "-1", "9", "10", "123", "1234567890", "0.0", "-0.0", "0.5", "-0.5", "1.5",
      "123.456", "0.000000000000000000000000001", "1e0", "1e1", "1E1", "1e+1", "1e-1", "1E+1",
      "1E-1", "1e00", "1e01", "1e-00", "0e0", "0e+1", "0E-1", "-0e5", "1.0e10", "1.5E-10", "100e-2",
      "-1e-1", "1e400", "-1e400", "1e-400", "1.7976931348623157e309",
      "123456789012345678901234567890", "-123456789012345678901234567890", "18446744073709551615",
      "18446744073709551616", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
      "-9223372036854775809", "9007199254740993", "1e99999999999999999999",
      "0.1e-99999999999999999999",
      "3.141592653589793238462643383279502884197169399375105820974944592307816406286", "4.9e-324",
      "2.2250738585072011e-308", "20.0", "-20.25e+20", std::string(500, '9'),
      "0." + std::string(500, '3'), "1" + std::string(400, '0') + ".5",
      // strings
      R"("")", R"("a")", R"(" ")", R"("abc def")", R"("\"")", R"("\\")", R"("\/")", R"("/")",
      R"("\b\f\n\r\t")", R"("\u0000")", R"("\u0041")", R"("\u00e9")", R"("\u00E9")", R"("\uABCD")",
      R"("\uabcd")", R"("\u20ac")", R"("\uFFFF")", R"("\uFFFE")", R"("\ufdd0")",
      R"("\ud83d\ude00")", R"("\uD83D\uDE00")", R"("\ud83d")", R"("\ude00")", R"("\ude00\ud83d")",
      R"("\ud83d\ud83d")", R"("\ud83dx")", R"("\ud83d\n")", R"("\ud83d\u0041")", R"("a\u0000b")",
      R"("\\u0041")", R"("\\\"")", R"("\\\\")", R"("\\\\\\")", R"("\"\"\"")", R"("{}")",
      R"("[1,2]")", R"("a:b,c")", R"("//")", R"("/* no comment */")", R"("'")", R"("#")",
      R"("true")", R"("1e400")", R"("http:\/\/x.y\/z")", R"("\u2028\u2029")", R"("\u0022")",
      R"("\u005c")", "\"\x7f\"", "\"\xc2\x80\"", "\"\xc3\xa9\"", "\"\xdf\xbf\"", "\"\xe0\xa0\x80\"",
      "\"\xe2\x82\xac\"", "\"\xed\x9f\xbf\"", "\"\xee\x80\x80\"", "\"\xef\xbb\xbf\"",
      "\"\xef\xbf\xbf\"", "\"\xef\xbf\xbe\"", "\"\xf0\x90\x80\x80\"", "\"\xf0\x9f\x98\x80\"",
      "\"\xf4\x8f\xbf\xbf\"", "\"\xe2\x80\xa8\xe2\x80\xa9\"", "\"\xd0\x9f\xd1\x80\xd0\xb8\"",
      "\"e\xcc\x81\"", "\"" + std::string(100, 'x') + "\"", "\"" + std::string(63, 'x') + "\"",
      "\"" + std::string(62, 'x') + "\\\\\"", "\"" + std::string(62, 'x') + "\xc3\xa9\"",
      "\"" + std::string(61, 'x') + "\\\"\"", "\"" + std::string(30, '\\') + "\"",
      // arrays
      "[]", "[ ]", "[1]", "[1,2]", "[ 1 , 2 ]", "[[]]", "[[],[]]", "[{}]", "[null]", "[true,false]",
      R"(["a","b"])", "[0,-0,0.0]", "[1,[2,[3,[4]]]]", "[\t]", "[\r]", "[1\r,\t2]",
      "[[[[[[[[]]]]]]]]", R"([""])", R"(["",[],{}])", R"([{"a":[{"b":[]}]}])", "[ [ ] ]",
      // objects
      "{}", "{ }", R"({"a":1})", R"({"a":1,"b":2})", R"({ "a" : 1 , "b" : 2 })", R"({"":0})",
      R"({"a":{}})", R"({"a":[]})", R"({"a":{"b":{"c":{}}}})", R"({"a":null})", R"({"a":"b"})",
      R"({"a":1,"a":2})", R"({"a":1,"a":1})", R"({"\u0061":1,"a":2})", R"({"a\nb":1})",
      R"({"\"":1})", R"({"\ud83d":1})", "{\"\xc3\xa9\":1}", R"({"a b":1})",
      R"({"a":true,"b":false,"c":null})", "{\t\"a\"\t:\t1\t}", "{\r\"a\"\r:\r1\r}",
      R"({"x":1e400,"y":123456789012345678901234567890})",
      R"({"id":[],"method":7,"jsonrpc":null,"params":"x"})", R"({"__proto__":{}})",
      R"({"length":-1})"};
  values.push_back(std::string(1000, '[') + std::string(1000, ']'));
  std::string objects;
  for (int i = 0; i < 1000; ++i)
    objects += R"({"a":)";
  values.push_back(objects + "1" + std::string(1000, '}'));
  std::string wide = "[0";
  for (int i = 1; i < 3000; ++i)
    wide += "," + std::to_string(i);
  values.push_back(wide + "]");
  return values;
}

inline std::vector<std::string> invalid_json_values() {
  using namespace std::string_literals;
  std::vector<std::string> values = {
      // literals
      "True", "FALSE", "nul", "nulL", "tru", "truee", "true1", "falsey", "null0", "t", "undefined",
      "NaN", "nan", "Infinity", "-Infinity", "inf", "true false", "truefalse", "nulll", "None",
      "true\"\"",
      "\xef\xbb\xbf"
      "1",
      "\xef\xbb\xbf{}",
      // numbers
      "01", "-01", "00", "-00", "1.", "-1.", ".5", "-.5", "1.e1", "1e", "1e+", "1e-", "1E", "1.5e",
      "+1", "++1", "--1", "-", "-a", "1a", "1_000", "0x10", "0b1", "0o7", "1.2.3", "1..2", "1e1.5",
      "1e1e1", "1 2", "1 000", "- 1", "1e 1", "1 e1", "1. 5", "1,5e", "0.e1", "0e", "-0e", "1/2",
      "1-1", "1+1", "\xef\xbc\x91", "1\"\"", "1true", "1[]", "1{}", "12\\", "2.\\u0035", "1\x0c",
      "1\x1a",
      "\x0c"
      "1",
      // strings
      "\"", "\"a", "a\"", "\"a\"b", "\"a\" \"b\"", "\"\"\"", "'a'", "`a`", R"("\")", R"("\x41")",
      R"("\a")", R"("\'")", R"("\0")", R"("\u")", R"("\u1")", R"("\u12")", R"("\u123")",
      R"("\u123g")", R"("\ug123")", R"("\u 123")", R"("\U0041")", R"("\u+123")", R"("\u-123")",
      R"("\u00 41")", R"("\ ")", R"("\v")", R"("\e")", R"("\ud83d\u")", R"("\ud83d\ude0")",
      R"("\ud83d\)", R"("\\\")", R"("\\\\\")", R"(\"a")", R"(\u0041)", "\"\t\"", "\"\r\"",
      "\"\x01\"", "\"\x1f\"",
      "\"a\x08"
      "b\"",
      "\"\0\""s, "\"a\0\""s, "\"\x1b[31m\"", "\"\\\t\"", "\"\\\0\""s, "\"\\\xc3\xa9\"", "\"\x80\"",
      "\"\xbf\"", "\"\xc0\x80\"", "\"\xc1\xbf\"", "\"\xc3\"", "\"\xc3(\"", "\"\xe2\x82\"",
      "\"\xe2(\xa1\"", "\"\xe0\x80\x80\"", "\"\xe0\x9f\xbf\"", "\"\xed\xa0\x80\"",
      "\"\xed\xbf\xbf\"", "\"\xf0\x80\x80\x80\"", "\"\xf0\x8f\xbf\xbf\"", "\"\xf4\x90\x80\x80\"",
      "\"\xf5\x80\x80\x80\"", "\"\xf0\x9f\x98\"", "\"\xf8\x88\x80\x80\x80\"", "\"\xfe\"",
      "\"\xff\"", "\"\xff\xfe\"", "\"\xe9\"", "\"" + std::string(63, 'x') + "\xc3\"",
      "\"" + std::string(63, 'x') + "\x01\"", "\"" + std::string(62, 'x') + "\\\"",
      "\"" + std::string(70, 'x') + "\\q\"",
      // arrays
      "[", "]", "[1", "1]", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1:2]", "[1;2]",
      "[1}", "[}", "[]]", "[[]", "[\"a\"", "[\"a\",", "[\"a\" \"b\"]", "[\"a\":1]", "[1,2", "[true",
      "[\"a]", "[a]", "[1]x", "[1] [2]", "[1][2]", "[-]", "[\x0c]", "[\x1a]",
      "[1\x0c"
      "2]",
      "[1\x1a"
      "2]",
      "[\xc2\xa0]", "[\xe2\x80\xa8]", "[/**/]", "[1,#\r2]", "[]{}", "[\0]"s, "[1]\0"s, "[0e]",
      "[\\u0041]", "[\\n]", "[\"\\x\"]",
      // objects
      "{", "}", "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1,}", "{,\"a\":1}",
      "{\"a\":1,,\"b\":2}", "{\"a\" 1}", "{\"a\",1}", "{\"a\"::1}", "{:1}", "{1:1}", "{a:1}",
      "{'a':1}", "{null:1}", "{true:1}", "{[]:1}", "{{}:1}", "{\"a\":1 \"b\":2}",
      "{\"a\":1;\"b\":2}", "{\"a\":1}}", "{{}", "{\"a\":1]", "{\"a\":1}x", "{\"a\":1}{}",
      "{\"a\":1} 2", "{\"a\"=1}", "{\"a\":1:2}", "{\"a\":1,\"b\"}", "{\"a\":1,2}", "{\"a\":/**/1}",
      "{\"a\":1}//", "{\"\\x\":1}", "{\"a\n\":1}", "{\"\xff\":1}", "{,}", "{\"a\":\"b\"\"c\":1}",
      "{\"a\"\x1a"
      "1}",
      "{\"a\":1\x0c"
      "\"b\":2}",
      "{\"a\":tru}", "{\"a\":[1,}", "{\"a\":01}", "{\"a\" : \"b\" : \"c\"}", "{\"a\":1, }",
      // other text
      "hello", "Server started on port 3000", "<html>", "---", "\\", "@", "$", "%", "&", "(1)", ";",
      ":", ",", "\x01", "\x7f", "\0"s, "\x1b[32mINFO\x1b[0m ready",
      "\xc2\xa0"
      "1",
      "\xe2\x80\x8b"
      "1",
      "{\"a\":1}\x1b[0m", "Content-Length: 5", "/* x */ 1", "1 // x", "# x"};
  values.push_back(std::string(1000, '['));
  values.push_back(std::string(1000, '[') + std::string(999, ']'));
  values.push_back(std::string(100'000, '['));
  std::string objects;
  for (int i = 0; i < 1000; ++i)
    objects += R"({"a":)";
  values.push_back(objects);
  return values;
}

/// A line as it is, and with so many blanks behind it that its end is far: strings are then read in
/// blocks to the last byte.
inline std::vector<std::string> both_ways(std::string_view line) {
  return {std::string(line), std::string(line) + std::string(200, ' ')};
}

}  // namespace stdiogate
