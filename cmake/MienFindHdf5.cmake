# The serial C library of HDF5, as target mien::hdf5. CMake's own FindHDF5 wants the C language
# enabled; this file is also installed and used by projects that enable only CXX.
# MIEN_HDF5_HINT: a library file to try first (the one mien was built with).
if(NOT TARGET mien::hdf5)
  get_filename_component(_mien_hdf5_folder "${MIEN_HDF5_HINT}" DIRECTORY)
  find_library(MIEN_HDF5_LIBRARY NAMES hdf5_serial hdf5 HINTS "${_mien_hdf5_folder}"
    PATH_SUFFIXES hdf5/serial)
  find_path(MIEN_HDF5_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial)
  mark_as_advanced(MIEN_HDF5_LIBRARY MIEN_HDF5_INCLUDE_DIR)
  if(MIEN_HDF5_LIBRARY)
    add_library(mien::hdf5 UNKNOWN IMPORTED GLOBAL)
    set_target_properties(mien::hdf5 PROPERTIES IMPORTED_LOCATION "${MIEN_HDF5_LIBRARY}")
    if(MIEN_HDF5_INCLUDE_DIR)  # a program that only links mien does not need the headers
      target_include_directories(mien::hdf5 SYSTEM INTERFACE "${MIEN_HDF5_INCLUDE_DIR}")
    endif()
  endif()
  unset(_mien_hdf5_folder)
endif()
