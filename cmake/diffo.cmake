# Functions that keep a folder's CMakeLists.txt to a few lines.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

find_program(DIFFO_CCACHE ccache)
if(DIFFO_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${DIFFO_CCACHE})
endif()
find_package(Threads REQUIRED)

add_library(diffo_options INTERFACE)
target_include_directories(diffo_options INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
target_compile_features(diffo_options INTERFACE cxx_std_20)
target_link_libraries(diffo_options INTERFACE Threads::Threads)
if(DIFFO_DEVELOPER)
  # GCC 12 reports -Wrestrict inside the standard library's own inlined code; Clang the deprecated buffer in GCC 12's std::stable_sort.
  target_compile_options(diffo_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<CXX_COMPILER_ID:Clang>:-Wno-gnu-statement-expression-from-macro-expansion -Wno-sign-conversion -Wno-deprecated-declarations>)
endif()
if(DIFFO_SANITIZE)
  target_compile_options(diffo_options INTERFACE -fsanitize=${DIFFO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1)
  target_link_options(diffo_options INTERFACE -fsanitize=${DIFFO_SANITIZE})
endif()
if(DIFFO_FUZZ)
  target_compile_options(diffo_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# diffo_library(NAME SOURCES … USES layer… PRIVATE third-party… )
# A static library diffo_NAME of src/NAME; without sources, headers alone. test/layers.py reads what it uses.
function(diffo_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;PRIVATE;PUBLIC" ${ARGN})
  list(TRANSFORM ARG_USES PREPEND diffo_)
  if(NOT ARG_SOURCES)
    add_library(diffo_${name} INTERFACE)
    target_link_libraries(diffo_${name} INTERFACE diffo_options ${ARG_USES})
    return()
  endif()
  add_library(diffo_${name} STATIC ${ARG_SOURCES})
  add_library(diffo::${name} ALIAS diffo_${name})
  target_link_libraries(diffo_${name} PUBLIC diffo_options ${ARG_USES} ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

# diffo_test(NAME SOURCES … USES layer… PRIVATE third-party…): one doctest program, one CTest entry per test case file.
function(diffo_test name)
  if(NOT DIFFO_DEVELOPER)
    return()
  endif()
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;USES;PRIVATE" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(diffo_${name}_test ${PROJECT_SOURCE_DIR}/test/doctest_main.cpp ${ARG_SOURCES})
  list(TRANSFORM ARG_USES PREPEND diffo_)
  target_link_libraries(diffo_${name}_test PRIVATE diffo_options ${ARG_USES} ${ARG_PRIVATE})
  # What is tested is optimized, the tests themselves need not be: they are half of the build.
  target_compile_options(diffo_${name}_test PRIVATE $<$<CXX_COMPILER_ID:GNU>:-O0>)
  add_test(NAME ${name} COMMAND diffo_${name}_test)
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()

# diffo_program(NAME SOURCES … USES layer… PRIVATE third-party…): a helper program for tests or benchmarks.
function(diffo_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;PRIVATE" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  list(TRANSFORM ARG_USES PREPEND diffo_)
  target_link_libraries(${name} PRIVATE diffo_options ${ARG_USES} ${ARG_PRIVATE})
endfunction()

if(DIFFO_FUZZ)
  add_custom_target(fuzzers)
endif()

# diffo_fuzz(NAME SOURCES … USES layer…): a libFuzzer target fuzz_NAME, built only with DIFFO_FUZZ.
function(diffo_fuzz name)
  if(NOT DIFFO_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  add_executable(fuzz_${name} ${ARG_SOURCES})
  add_dependencies(fuzzers fuzz_${name})
  list(TRANSFORM ARG_USES PREPEND diffo_)
  target_link_libraries(fuzz_${name} PRIVATE diffo_options ${ARG_USES})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endfunction()
