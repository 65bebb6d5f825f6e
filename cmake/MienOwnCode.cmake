# What holds for every target compiled from our own sources, and for no third party's.

# What a target is compiled with where it is sanitized: optimized code takes much longer to build then.
set(MIEN_SANITIZE_OPTIONS "")
if(MIEN_SANITIZE)
  set(MIEN_SANITIZE_OPTIONS -fsanitize=${MIEN_SANITIZE} -fno-omit-frame-pointer -g -O1)
endif()

# mien_own_code(TARGET): warnings, include folders, sanitizers.
function(mien_own_code target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic)
  # The root is for internal headers ("lib/...", "kernels/..."); it is never exported.
  target_include_directories(${target} PRIVATE
    "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}")
  if(MIEN_SANITIZE)
    if(NOT MIEN_SANITIZE_KERNELS OR target MATCHES "^mien_cuda")
      target_compile_options(${target} PRIVATE ${MIEN_SANITIZE_OPTIONS})
    endif()
    target_link_options(${target} PUBLIC -fsanitize=${MIEN_SANITIZE})
  endif()
endfunction()

# mien_programs(FOLDER [TARGET <target>] SOURCES <file>... LIBRARIES <lib>...): one program per file,
# named as the file, in build/FOLDER. TARGET: a custom target that is to build them all.
function(mien_programs folder)
  cmake_parse_arguments(arg "" "TARGET" "SOURCES;LIBRARIES" ${ARGN})
  foreach(source IN LISTS arg_SOURCES)
    cmake_path(GET source STEM LAST_ONLY name)
    add_executable(${name} "${source}")
    mien_own_code(${name})
    target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} mien::mien)
    set_target_properties(${name} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/${folder}")
    if(arg_TARGET)
      add_dependencies(${arg_TARGET} ${name})
    endif()
  endforeach()
endfunction()
