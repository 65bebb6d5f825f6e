# The installed package: headers, library, find_package(mien) and pkg-config. It may be moved as a
# whole, and it works in a project that enables only CXX.
include(CMakePackageConfigHelpers)

set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/mien")
install(TARGETS mien EXPORT mienTargets)
install(DIRECTORY include/mien DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")
install(EXPORT mienTargets NAMESPACE mien:: DESTINATION "${package_folder}")

# A static mien needs its third parties when a program is linked; a shared one carries them.
set(MIEN_SHARED OFF)
get_target_property(kind mien TYPE)
if(kind STREQUAL "SHARED_LIBRARY")
  set(MIEN_SHARED ON)
endif()
set(MIEN_HDF5 OFF)
if(TARGET mien::hdf5)
  set(MIEN_HDF5 ON)
endif()
set(MIEN_ZLIB OFF)
if(TARGET ZLIB::ZLIB)
  set(MIEN_ZLIB ON)
endif()
configure_package_config_file(cmake/mienConfig.cmake.in "${PROJECT_BINARY_DIR}/mienConfig.cmake"
  INSTALL_DESTINATION "${package_folder}")
# Before 1.0 a minor version may break programs.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/mienConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/mienConfig.cmake" "${PROJECT_BINARY_DIR}/mienConfigVersion.cmake"
  cmake/MienFindHdf5.cmake
  DESTINATION "${package_folder}")

# pkg-config. Most callers forget --static, so for a static mien all stands in Libs.
set(MIEN_PC_LIBS "")
if(NOT MIEN_SHARED)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(MIEN_PC_LIBS "-fopenmp")
  else()  # the runtime of this compiler, whatever compiler links
    string(REPLACE ";" " " MIEN_PC_LIBS "${OpenMP_CXX_LIBRARIES}")
  endif()
  if(MIEN_HDF5)
    string(APPEND MIEN_PC_LIBS " ${MIEN_HDF5_LIBRARY}")
  endif()
  if(MIEN_ZLIB)
    string(APPEND MIEN_PC_LIBS " -lz")
  endif()
  foreach(library IN LISTS MIEN_CUDA_LIBRARIES)
    if(NOT IS_ABSOLUTE "${library}")
      string(PREPEND library "-l")
    endif()
    string(APPEND MIEN_PC_LIBS " ${library}")
  endforeach()
endif()
# The prefix follows the file when the installed tree is moved.
file(RELATIVE_PATH MIEN_PC_PREFIX
  "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
configure_file(cmake/mien.pc.in "${PROJECT_BINARY_DIR}/mien.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/mien.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
