# The layers of the library, bottom to top, and the one library made of them.
# OBJECT libraries linked into an exported target would have to be exported too, so mien takes their
# objects as sources and links the third parties itself.

set(MIEN_OBJECTS "")

# mien_layer(NAME SOURCES <file>... [LIBRARIES <lib>...] [DEFINITIONS <def>...])
# A layer without a source yet is left out.
function(mien_layer name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES;DEFINITIONS" ${ARGN})
  if(NOT arg_SOURCES)
    return()
  endif()
  add_library(mien_${name} OBJECT ${arg_SOURCES})
  mien_own_code(mien_${name})
  target_link_libraries(mien_${name} PRIVATE ${arg_LIBRARIES})
  target_compile_definitions(mien_${name} PRIVATE ${arg_DEFINITIONS})
  list(APPEND MIEN_OBJECTS "$<TARGET_OBJECTS:mien_${name}>")
  set(MIEN_OBJECTS "${MIEN_OBJECTS}" PARENT_SCOPE)
endfunction()

# mien_sources(RESULT FOLDER): every .cpp below FOLDER.
macro(mien_sources result folder)
  file(GLOB_RECURSE ${result} CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
endmacro()

# --- kernels -------------------------------------------------------------------------------------
file(GLOB kernel_sources CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/kernels/*.cpp" "${PROJECT_SOURCE_DIR}/kernels/cpu/*.cpp")
set(gemm_source "${PROJECT_SOURCE_DIR}/kernels/cpu/gemm_eigen.cpp")
list(REMOVE_ITEM kernel_sources "${gemm_source}")

# The Eigen product, once per instruction set; kernels/cpu picks one at run time. The linker keeps
# one copy of every inline function, and it may be the AVX-512 one, so each copy has its own
# namespace in place of Eigen's.
set(isa_definition "")
set(isas "")  # that the vector kernels are compiled for
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(isa_definition MIEN_HAVE_X86_ISA)
  set(isas avx2 avx512)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$")
  set(isa_definition MIEN_HAVE_NEON)
  set(isas neon)
endif()
set(flags_avx2 -mavx2 -mfma)
set(flags_avx512 -mavx512f -mavx512dq -mavx512vl -mavx512bw -mfma -mprefer-vector-width=512)
set(flags_neon "")
function(mien_gemm_objects isa)
  mien_layer(gemm_${isa} SOURCES "${gemm_source}" LIBRARIES Eigen3::Eigen
    DEFINITIONS Eigen=Eigen_${isa} MIEN_ISA=${isa} ${isa_definition})
  target_compile_options(mien_gemm_${isa} PRIVATE ${ARGN})
  if(MIEN_SANITIZE AND NOT MIEN_SANITIZE_KERNELS)  # GCC 12 checks Eigen's templates for undefined behaviour for over ten minutes
    target_compile_options(mien_gemm_${isa} PRIVATE -fno-sanitize=undefined)
  endif()
  set(MIEN_OBJECTS "${MIEN_OBJECTS}" PARENT_SCOPE)
endfunction()
if(EXISTS "${gemm_source}")
  mien_gemm_objects(base)
  if(isa_definition STREQUAL MIEN_HAVE_X86_ISA)
    mien_gemm_objects(avx2 ${flags_avx2})
    # GCC 12 takes its own avx512fintrin.h for uninitialized (GCC bug 105593).
    set(quiet "")
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      set(quiet -Wno-uninitialized -Wno-maybe-uninitialized)
    endif()
    mien_gemm_objects(avx512 ${flags_avx512} ${quiet})
  endif()
endif()
# The vector kernels: every file once per instruction set, in a namespace named after it.
file(GLOB simd_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/kernels/cpu/simd/*.cpp")
foreach(isa IN LISTS isas)
  mien_layer(simd_${isa} SOURCES ${simd_sources} DEFINITIONS MIEN_ISA=${isa})
  target_compile_options(mien_simd_${isa} PRIVATE
    ${flags_${isa}} -fno-math-errno -fno-trapping-math -fno-exceptions)
endforeach()
if(NOT MIEN_CUDA_KIND STREQUAL "OFF")
  list(REMOVE_ITEM kernel_sources "${PROJECT_SOURCE_DIR}/kernels/without_cuda.cpp")
endif()
mien_layer(kernels SOURCES ${kernel_sources} LIBRARIES mien::openmp Eigen3::Eigen
  DEFINITIONS ${isa_definition})
# Without these, sqrt and a choice between two values keep a loop from being vectorized (dropout takes
# half the time with them). No result changes: no kernel reads errno or floating-point exceptions.
target_compile_options(mien_kernels PRIVATE -fno-math-errno -fno-trapping-math)
mien_cuda_layers()

# --- lib -----------------------------------------------------------------------------------------
foreach(layer IN ITEMS base runtime core ops nn optim)
  mien_sources(sources lib/${layer})
  mien_layer(${layer} SOURCES ${sources} DEFINITIONS MIEN_VERSION="${PROJECT_VERSION}")
endforeach()

# mien_without(NAME TARGET FILE...): where a dependency is missing, without_NAME.cpp takes the place of the
# files that need it; where it is there, the other way round. Changes `sources`.
macro(mien_without name target)
  if(TARGET ${target})
    list(FILTER sources EXCLUDE REGEX "/without_${name}\\.cpp$")
  else()
    foreach(file IN ITEMS ${ARGN})
      list(FILTER sources EXCLUDE REGEX "/${file}\\.cpp$")
    endforeach()
  endif()
endmacro()
# What of a list of targets exists.
macro(mien_existing result)
  set(${result} "")
  foreach(target IN ITEMS ${ARGN})
    if(TARGET ${target})
      list(APPEND ${result} ${target})
    endif()
  endforeach()
endmacro()

mien_existing(images mien_stb)
mien_existing(formats nlohmann_json::nlohmann_json mien::hdf5 ZLIB::ZLIB)
mien_existing(json nlohmann_json::nlohmann_json)
set(have_formats "")
if(TARGET mien::hdf5)
  list(APPEND have_formats MIEN_HAVE_HDF5)
endif()
if(TARGET ZLIB::ZLIB)
  list(APPEND have_formats MIEN_HAVE_ZLIB)
endif()

mien_sources(sources lib/data)
mien_without(stb mien_stb stb)
mien_layer(data SOURCES ${sources} LIBRARIES ${images})

mien_sources(sources lib/io)
mien_without(json nlohmann_json::nlohmann_json checkpoint json "keras_[a-z0-9]*" model operation_names
  safetensors)
mien_layer(io SOURCES ${sources} LIBRARIES ${formats} DEFINITIONS ${have_formats})

mien_sources(sources lib/train)
mien_without(json nlohmann_json::nlohmann_json history_json)
mien_layer(train SOURCES ${sources} LIBRARIES ${json})

# --- mien ----------------------------------------------------------------------------------------
add_library(mien ${MIEN_OBJECTS})
add_library(mien::mien ALIAS mien)
target_compile_features(mien PUBLIC cxx_std_20)
target_include_directories(mien PUBLIC
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
  "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_link_libraries(mien PRIVATE mien::openmp)
if(TARGET mien::hdf5)
  target_link_libraries(mien PRIVATE mien::hdf5)
endif()
if(TARGET ZLIB::ZLIB)
  target_link_libraries(mien PRIVATE ZLIB::ZLIB)
endif()
target_link_libraries(mien PRIVATE ${MIEN_CUDA_LIBRARIES})
if(NOT APPLE AND NOT MIEN_SANITIZE)
  target_link_options(mien PRIVATE -Wl,--no-undefined)  # found here, not by the program that links it
endif()
if(MIEN_SANITIZE)
  target_link_options(mien PUBLIC -fsanitize=${MIEN_SANITIZE})
endif()
set_target_properties(mien PROPERTIES
  LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
