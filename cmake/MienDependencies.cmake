# Every third party of mien, once. No type of theirs appears in a public header.
include(MienRequire)

# --- the library ---------------------------------------------------------------------------------
find_package(OpenMP QUIET COMPONENTS CXX)
if(NOT OpenMP_CXX_FOUND)
  message(FATAL_ERROR
    "mien needs OpenMP, and ${CMAKE_CXX_COMPILER} does not provide it. "
    "GCC brings it along; for clang 14 on Debian: apt-get install libomp-14-dev")
endif()

mien_require(Eigen3 TARGET Eigen3::Eigen DEBIAN libeigen3-dev
  PACKAGE Eigen3 3.3 NO_MODULE
  URL https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.gz
  HEADERS_IN .)

mien_require(stb TARGET mien_stb DEBIAN libstb-dev
  HEADER stb_image_write.h SUFFIXES stb
  URL https://github.com/nothings/stb/archive/5736b15f7ea0ffb08dd38af21067c314d6a3aae9.tar.gz
  HEADERS_IN .)

mien_require(nlohmann_json TARGET nlohmann_json::nlohmann_json DEBIAN nlohmann-json3-dev
  PACKAGE nlohmann_json 3.9
  URL https://github.com/nlohmann/json/archive/v3.11.3.tar.gz
  HEADERS_IN include)

# Optional: without it .h5 files cannot be read or written, and io says so when asked to.
if(MIEN_WITH_HDF5)
  include(MienFindHdf5)
endif()

# --- tests, examples, benchmarks -----------------------------------------------------------------
if(MIEN_BUILD_TESTS)
  mien_require(Catch2 TARGET Catch2::Catch2 DEBIAN catch2
    PACKAGE Catch2
    URL https://github.com/catchorg/Catch2/archive/v3.5.2.tar.gz)
  # Where Catch.cmake lies: beside the package file, or in what was fetched.
  FetchContent_GetProperties(Catch2 SOURCE_DIR catch2_source)
  list(APPEND CMAKE_MODULE_PATH "${Catch2_DIR}" "${catch2_source}/extras")
endif()
if(MIEN_BUILD_EXAMPLES)
  mien_require(CLI11 TARGET CLI11::CLI11 DEBIAN libcli11-dev
    PACKAGE CLI11 2.1
    URL https://github.com/CLIUtils/CLI11/archive/v2.4.2.tar.gz
    HEADERS_IN include)
endif()
if(MIEN_BUILD_BENCH)
  mien_require(benchmark TARGET benchmark::benchmark DEBIAN libbenchmark-dev
    PACKAGE benchmark
    URL https://github.com/google/benchmark/archive/v1.8.3.tar.gz
    OPTIONS BENCHMARK_ENABLE_TESTING=OFF BENCHMARK_ENABLE_INSTALL=OFF BENCHMARK_ENABLE_WERROR=OFF)
endif()
