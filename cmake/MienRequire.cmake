# A dependency is taken from the system; where the system lacks it, it is fetched; where there is no
# internet, the message names the package to install.
include_guard()
include(FetchContent)

# mien_require(TARGET <target> DEBIAN <package> URL <archive> [SHA256 <hash>]
#              [PACKAGE <find_package arguments>...]    look for it as a CMake package
#              [HEADER <file> SUFFIXES <folder>...]     or as a folder of headers
#              [HEADERS_IN <folder>]                    fetched: only headers, in this folder of the archive
#              [OPTIONS <name=value>...]                fetched: settings of its own CMake project
#              [OPTIONAL])                              neither fetched nor needed
# Afterwards TARGET exists, but for an OPTIONAL one that the system lacks. Headers of dependencies are system headers: their warnings are not ours.
function(mien_require name)
  cmake_parse_arguments(arg "OPTIONAL" "TARGET;DEBIAN;URL;SHA256;HEADER;HEADERS_IN" "PACKAGE;SUFFIXES;OPTIONS" ${ARGN})
  if(TARGET ${arg_TARGET})
    return()
  endif()
  if(arg_PACKAGE)
    find_package(${arg_PACKAGE} QUIET GLOBAL)
    if(TARGET ${arg_TARGET})
      message(STATUS "mien: ${name} ${${name}_VERSION}")
      return()
    endif()
  endif()
  if(arg_HEADER)
    find_path(MIEN_${name}_INCLUDE_DIR ${arg_HEADER} PATH_SUFFIXES ${arg_SUFFIXES})
    mark_as_advanced(MIEN_${name}_INCLUDE_DIR)
    if(MIEN_${name}_INCLUDE_DIR)
      mien_headers_target(${arg_TARGET} "${MIEN_${name}_INCLUDE_DIR}")
      message(STATUS "mien: ${name} in ${MIEN_${name}_INCLUDE_DIR}")
      return()
    endif()
  endif()
  if(arg_OPTIONAL)
    return()
  endif()

  mien_download(${name} "${arg_URL}" "${arg_SHA256}" "${arg_DEBIAN}" archive)
  foreach(option IN LISTS arg_OPTIONS)
    string(REGEX MATCH "^([^=]+)=(.*)$" matched "${option}")
    set(${CMAKE_MATCH_1} "${CMAKE_MATCH_2}" CACHE INTERNAL "set by mien for ${name}")
  endforeach()
  set(only_headers "")
  if(DEFINED arg_HEADERS_IN)
    set(only_headers SOURCE_SUBDIR "no-project-here")  # unpack, do not add_subdirectory
  endif()
  FetchContent_Declare(${name} URL "${archive}" DOWNLOAD_EXTRACT_TIMESTAMP FALSE ${only_headers})
  FetchContent_MakeAvailable(${name})
  FetchContent_GetProperties(${name} SOURCE_DIR source)
  if(DEFINED arg_HEADERS_IN)
    mien_headers_target(${arg_TARGET} "${source}/${arg_HEADERS_IN}")
  endif()
  message(STATUS "mien: ${name} fetched from ${arg_URL}")
endfunction()

function(mien_headers_target target folder)
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} SYSTEM INTERFACE "${folder}")
endfunction()

# FetchContent ends the configure run with a page of text when a download fails, so the download is
# ours and FetchContent unpacks the file.
function(mien_download name url sha256 debian result)
  cmake_path(GET url FILENAME filename)
  set(archive "${PROJECT_BINARY_DIR}/_deps/${name}-${filename}")
  set(${result} "${archive}" PARENT_SCOPE)
  if(EXISTS "${archive}")
    return()
  endif()
  message(STATUS "mien: fetching ${name} from ${url}")
  file(DOWNLOAD "${url}" "${archive}.part" STATUS status TIMEOUT 120 INACTIVITY_TIMEOUT 30)
  list(GET status 0 code)
  if(code EQUAL 0 AND sha256)
    file(SHA256 "${archive}.part" got)
    if(NOT got STREQUAL sha256)
      set(code 1)
      set(status "1;its SHA-256 is ${got}, expected ${sha256}")
    endif()
  endif()
  if(NOT code EQUAL 0)
    list(GET status 1 reason)
    file(REMOVE "${archive}.part")
    message(FATAL_ERROR
      "mien needs ${name}: it is not installed and could not be fetched (${reason}). "
      "On Debian or Ubuntu: apt-get install ${debian}")
  endif()
  file(RENAME "${archive}.part" "${archive}")
endfunction()
