# One line for each feature that is on or off.
if(TARGET mien::hdf5)
  message(STATUS "mien: HDF5 on (${MIEN_HDF5_LIBRARY})")
elseif(MIEN_WITH_HDF5)
  message(STATUS "mien: HDF5 off, .h5 files cannot be read or written; on Debian: apt-get install libhdf5-dev")
else()
  message(STATUS "mien: HDF5 off (MIEN_WITH_HDF5=OFF), .h5 files cannot be read or written")
endif()
message(STATUS "mien: CUDA off, this version has only the CPU backend")
