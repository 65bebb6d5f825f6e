# Installs the built library, moves the installed tree, and builds examples/link_me against it from
# outside, once with find_package and once with pkg-config.
# In: BUILD_DIR, SOURCE_DIR, WORK_DIR, CXX, WITH (find_package or pkg-config)
cmake_minimum_required(VERSION 3.22)

function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${what} failed (${code}): ${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}")
set(ENV{DESTDIR} "")
run("install" "${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${WORK_DIR}/before")
file(RENAME "${WORK_DIR}/before" "${WORK_DIR}/moved")

if(WITH STREQUAL "find_package")
  run("configure" "${CMAKE_COMMAND}" -S "${SOURCE_DIR}/examples/link_me" -B "${WORK_DIR}/build"
    "-DCMAKE_PREFIX_PATH=${WORK_DIR}/moved" "-DCMAKE_CXX_COMPILER=${CXX}")
  run("build" "${CMAKE_COMMAND}" --build "${WORK_DIR}/build")
  set(program "${WORK_DIR}/build/link_me")
else()
  find_program(pkg_config NAMES pkg-config pkgconf REQUIRED)
  file(GLOB_RECURSE pc "${WORK_DIR}/moved/mien.pc")
  cmake_path(GET pc PARENT_PATH pc_folder)
  set(ENV{PKG_CONFIG_PATH} "${pc_folder}")
  run("pkg-config" "${pkg_config}" --cflags --libs mien)
  separate_arguments(flags UNIX_COMMAND "${output}")
  set(program "${WORK_DIR}/link_me")
  run("build" "${CXX}" -std=c++20 "${SOURCE_DIR}/examples/link_me/main.cpp" ${flags} -o "${program}")
  cmake_path(GET pc_folder PARENT_PATH library_folder)
  set(ENV{LD_LIBRARY_PATH} "${library_folder}")  # for a shared mien
endif()

run("link_me" "${program}")
message("${output}")
file(REMOVE_RECURSE "${WORK_DIR}")
