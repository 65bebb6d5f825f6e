# Every third party of mien, once. No type of theirs appears in a public header.
include(MienRequire)

# --- the library ---------------------------------------------------------------------------------
find_package(OpenMP QUIET COMPONENTS CXX)
if(NOT OpenMP_CXX_FOUND)
  message(FATAL_ERROR
    "mien needs OpenMP, and ${CMAKE_CXX_COMPILER} does not provide it. "
    "GCC brings it along; for clang 14 on Debian: apt-get install libomp-14-dev")
endif()
# Under a name of ours: the installed package links the same runtime whatever compiler its user has.
add_library(mien::openmp INTERFACE IMPORTED GLOBAL)
separate_arguments(openmp_flags UNIX_COMMAND "${OpenMP_CXX_FLAGS}")
target_compile_options(mien::openmp INTERFACE ${openmp_flags})
target_link_libraries(mien::openmp INTERFACE ${OpenMP_CXX_LIBRARIES})

mien_require(Eigen3 TARGET Eigen3::Eigen DEBIAN libeigen3-dev
  PACKAGE Eigen3 3.3 NO_MODULE
  URL https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.gz
  SHA256 8586084f71f9bde545ee7fa6d00288b264a2b7ac3607b974e54d13e7162c1c72
  HEADERS_IN .)

# The library alone does without these: images, file formats and history.json are then off, and say
# so when asked for. Tests, examples and benchmarks need them.
if(MIEN_BUILD_TESTS OR MIEN_BUILD_EXAMPLES OR MIEN_BUILD_BENCH)
  set(if_missing "")
else()
  set(if_missing OPTIONAL)
endif()
mien_require(stb TARGET mien_stb DEBIAN libstb-dev ${if_missing}
  HEADER stb_image_write.h SUFFIXES stb
  URL https://github.com/nothings/stb/archive/5736b15f7ea0ffb08dd38af21067c314d6a3aae9.tar.gz
  SHA256 d00921d49b06af62aa6bfb97c1b136bec661dd11dd4eecbcb0da1f6da7cedb4c
  HEADERS_IN .)

mien_require(nlohmann_json TARGET nlohmann_json::nlohmann_json DEBIAN nlohmann-json3-dev ${if_missing}
  PACKAGE nlohmann_json 3.9
  URL https://github.com/nlohmann/json/archive/v3.11.3.tar.gz
  SHA256 0d8ef5af7f9794e3263480193c491549b2ba6cc74bb018906202ada498a79406
  HEADERS_IN include)

# Optional: without it .h5 files cannot be read or written, and io says so when asked to.
if(MIEN_WITH_HDF5)
  include(MienFindHdf5)
endif()
# Optional in the same way: .keras files, which are zip archives.
if(MIEN_WITH_ZLIB)
  find_package(ZLIB QUIET)
endif()

# --- tests, examples, benchmarks -----------------------------------------------------------------
if(MIEN_BUILD_TESTS)
  mien_require(Catch2 TARGET Catch2::Catch2 DEBIAN catch2
    PACKAGE Catch2
    URL https://github.com/catchorg/Catch2/archive/v3.4.0.tar.gz
    SHA256 122928b814b75717316c71af69bd2b43387643ba076a6ec16e7882bfb2dfacbb)
  # Where Catch.cmake lies: beside the package file, or in what was fetched.
  FetchContent_GetProperties(Catch2 SOURCE_DIR catch2_source)
  list(APPEND CMAKE_MODULE_PATH "${Catch2_DIR}" "${catch2_source}/extras")
endif()
if(MIEN_BUILD_EXAMPLES OR MIEN_BUILD_BENCH)
  mien_require(CLI11 TARGET CLI11::CLI11 DEBIAN libcli11-dev
    PACKAGE CLI11 2.1
    URL https://github.com/CLIUtils/CLI11/archive/v2.4.2.tar.gz
    SHA256 f2d893a65c3b1324c50d4e682c0cdc021dd0477ae2c048544f39eed6654b699a
    HEADERS_IN include)
endif()
if(MIEN_BUILD_BENCH)
  mien_require(benchmark TARGET benchmark::benchmark DEBIAN libbenchmark-dev
    PACKAGE benchmark
    URL https://github.com/google/benchmark/archive/v1.8.3.tar.gz
    SHA256 6bc180a57d23d4d9515519f92b0c83d61b05b5bab188961f36ac7b06b0d9e9ce
    OPTIONS BENCHMARK_ENABLE_TESTING=OFF BENCHMARK_ENABLE_INSTALL=OFF BENCHMARK_ENABLE_WERROR=OFF)
endif()
