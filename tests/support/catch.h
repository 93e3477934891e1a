#pragma once

// Catch2 3 (Debian 13, Fedora, Arch) or 2 (Debian 12): the tests use what is in both.
#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#else
#include <catch2/catch.hpp>
#endif
