# The CUDA kernels, one of three ways: for real devices, for the emulated one, or not at all. The same
# .cu files are compiled by nvcc or, as C++, by the host's compiler.
#   AUTO     ON where nvcc and a driver are there; else EMULATE where the tests are built; else OFF
#   ON       for real devices; the programs start without a driver too
#   EMULATE  for the emulated device, for tests of the kernels on any machine
set(MIEN_CUDA AUTO CACHE STRING "CUDA kernels: AUTO, ON, OFF or EMULATE")
set_property(CACHE MIEN_CUDA PROPERTY STRINGS AUTO ON OFF EMULATE)
# What nvcc compiles for, and PTX of the last for what comes after it.
set(MIEN_CUDA_ARCHITECTURES "80-real;89-real;90-real;100-real;120" CACHE STRING
  "GPU architectures to compile for, as CMAKE_CUDA_ARCHITECTURES")

find_package(Boost QUIET)
find_library(MIEN_BOOST_CONTEXT boost_context)
mark_as_advanced(MIEN_BOOST_CONTEXT)

set(MIEN_CUDA_KIND "${MIEN_CUDA}")
if(MIEN_CUDA STREQUAL "AUTO")
  include(CheckLanguage)
  check_language(CUDA)
  find_library(MIEN_CUDA_DRIVER cuda PATHS /usr/lib/wsl/lib NO_CACHE)
  if(CMAKE_CUDA_COMPILER AND EXISTS /dev/nvidia0)
    set(MIEN_CUDA_KIND ON)
  elseif(MIEN_BUILD_TESTS AND MIEN_BOOST_CONTEXT)
    set(MIEN_CUDA_KIND EMULATE)
  else()
    set(MIEN_CUDA_KIND OFF)
  endif()
endif()

if(MIEN_CUDA_KIND STREQUAL "EMULATE" AND NOT MIEN_BOOST_CONTEXT)
  message(FATAL_ERROR "mien: MIEN_CUDA=EMULATE needs Boost.Context; on Debian: apt-get install libboost-context-dev")
elseif(NOT MIEN_CUDA_KIND MATCHES "^(ON|OFF|EMULATE)$")
  message(FATAL_ERROR "mien: MIEN_CUDA must be AUTO, ON, OFF or EMULATE; got ${MIEN_CUDA}")
endif()

if(MIEN_CUDA_KIND STREQUAL "ON")
  enable_language(CUDA)
  find_package(CUDAToolkit REQUIRED)
  if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake knows it since 3.26
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
  endif()
  set(CMAKE_CUDA_STANDARD 20)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
endif()

# Compiles .cu files for real devices.
function(mien_kernel_objects name)
  add_library(${name} OBJECT ${ARGN})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}")
  target_compile_options(${name} PRIVATE --expt-relaxed-constexpr "-Werror=all-warnings" -Xcompiler=-Wall,-Wextra)
  set_target_properties(${name} PROPERTIES
    CUDA_ARCHITECTURES "${MIEN_CUDA_ARCHITECTURES}" CUDA_RUNTIME_LIBRARY Static)
endfunction()

# Adds .cu files, kernels that only tests call, to a program of this folder.
function(mien_test_kernels program)
  if(MIEN_CUDA_KIND STREQUAL "ON")
    mien_kernel_objects(${program}_kernels ${ARGN})
    target_sources(${program} PRIVATE "$<TARGET_OBJECTS:${program}_kernels>")
    set_target_properties(${program} PROPERTIES LINKER_LANGUAGE CXX)
  elseif(MIEN_CUDA_KIND STREQUAL "EMULATE")
    set_source_files_properties(${ARGN} PROPERTIES LANGUAGE CXX
      COMPILE_OPTIONS "-ffp-contract=off;${MIEN_SANITIZE_OPTIONS}")
    target_sources(${program} PRIVATE ${ARGN})
  endif()
endfunction()

# The layers of kernels/cuda, and MIEN_CUDA_LIBRARIES, what mien links for them.
macro(mien_cuda_layers)
  set(MIEN_CUDA_LIBRARIES "")
  file(GLOB cuda_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/kernels/cuda/*.cu")
  file(GLOB cuda_host_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/kernels/cuda/*.cpp")
  if(MIEN_CUDA_KIND STREQUAL "ON")
    mien_layer(cuda_host SOURCES ${cuda_host_sources})
    mien_kernel_objects(mien_cuda ${cuda_sources})
    list(APPEND MIEN_OBJECTS "$<TARGET_OBJECTS:mien_cuda>")
    # By its path, so that whoever links a static mien needs no CUDA toolkit in CMake.
    set(MIEN_CUDA_LIBRARIES "${CUDA_cudart_static_LIBRARY}" rt dl pthread)
  elseif(MIEN_CUDA_KIND STREQUAL "EMULATE")
    list(REMOVE_ITEM cuda_sources "${PROJECT_SOURCE_DIR}/kernels/cuda/rt_cuda.cu")
    set_source_files_properties(${cuda_sources} PROPERTIES LANGUAGE CXX)
    file(GLOB emulator_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/kernels/cuda/emulator/*.cpp")
    set(land "${PROJECT_SOURCE_DIR}/kernels/cuda/emulator/land.cpp")
    list(REMOVE_ITEM emulator_sources "${land}")
    mien_layer(cuda SOURCES ${cuda_sources} ${cuda_host_sources} "${land}")
    target_compile_options(mien_cuda PRIVATE -ffp-contract=off)
    mien_layer(cuda_emulator SOURCES ${emulator_sources})
    # ThreadSanitizer is to see the threads of the device, and not the emulator that moves them.
    if(MIEN_SANITIZE MATCHES "thread")
      target_compile_options(mien_cuda_emulator PRIVATE
        -fno-sanitize=thread -fno-tree-loop-distribute-patterns)
      target_compile_definitions(mien_cuda_emulator PRIVATE MIEN_EMULATOR_TSAN)
      target_compile_definitions(mien_cuda PRIVATE MIEN_EMULATOR_TSAN)
    endif()
    set(MIEN_CUDA_LIBRARIES "${MIEN_BOOST_CONTEXT}")
  endif()
endmacro()
