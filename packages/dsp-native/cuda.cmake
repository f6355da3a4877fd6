# The CUDA backend's shared library, where a CUDA compiler is found. The rest of the build is the same with and without.
# nvcc is called directly: CMake's own CUDA support ends the configuration where nvcc and the C++ compiler do not agree.
#
#   UNDERTONE_CUDA               ON: build it where nvcc is (default); OFF: never
#   UNDERTONE_CUDA_ARCHITECTURES compute capabilities without the point, e.g. "90" or "75;90", or "all": 7.5 to 10.0,
#                                for packages. The last one is in the library as PTX too, for later devices. Also read
#                                from the environment. Default: those of this machine's devices; 90 where none shows.
option(UNDERTONE_CUDA "Build the CUDA backend where nvcc is found" ON)
set(UNDERTONE_CUDA_DEFAULT "$ENV{UNDERTONE_CUDA_ARCHITECTURES}")
if(NOT UNDERTONE_CUDA_DEFAULT)
  execute_process(COMMAND nvidia-smi --query-gpu=compute_cap --format=csv,noheader
    OUTPUT_VARIABLE UNDERTONE_CUDA_DEFAULT ERROR_QUIET RESULT_VARIABLE failed)
  string(REGEX MATCHALL "[0-9]+\\.[0-9]+" UNDERTONE_CUDA_DEFAULT "${UNDERTONE_CUDA_DEFAULT}")
  string(REPLACE "." "" UNDERTONE_CUDA_DEFAULT "${UNDERTONE_CUDA_DEFAULT}")
  list(REMOVE_DUPLICATES UNDERTONE_CUDA_DEFAULT)
endif()
if(NOT UNDERTONE_CUDA_DEFAULT)
  set(UNDERTONE_CUDA_DEFAULT 90)
elseif(UNDERTONE_CUDA_DEFAULT STREQUAL all)
  set(UNDERTONE_CUDA_DEFAULT "75;80;86;89;90;100")
endif()
string(REPLACE "," ";" UNDERTONE_CUDA_DEFAULT "${UNDERTONE_CUDA_DEFAULT}")
set(UNDERTONE_CUDA_ARCHITECTURES "${UNDERTONE_CUDA_DEFAULT}" CACHE STRING "Compute capabilities of the CUDA library")

set(UNDERTONE_CUDA_LIBRARY "")
if(CMAKE_CROSSCOMPILING)
  message(STATUS "CUDA backend: left out of a cross build")
  return()
endif()
find_program(UNDERTONE_NVCC nvcc HINTS $ENV{CUDA_HOME}/bin $ENV{CUDA_PATH}/bin /usr/local/cuda/bin)
if(NOT UNDERTONE_CUDA OR NOT UNDERTONE_NVCC)
  message(STATUS "CUDA backend: left out (${UNDERTONE_NVCC})")
  return()
endif()

# nvcc refuses host compilers that are newer than itself: the first that it takes.
if(NOT UNDERTONE_CUDA_HOST_COMPILER)
  set(UNDERTONE_CUDA_PROBE ${CMAKE_CURRENT_BINARY_DIR}/cuda-probe.cu)
  file(WRITE ${UNDERTONE_CUDA_PROBE} "#include <vector>\n__global__ void Probe() {}\n")
  foreach(candidate $ENV{CUDAHOSTCXX} ${CMAKE_CXX_COMPILER} g++-15 g++-14 g++-13 g++-12 g++-11)
    execute_process(
      COMMAND ${UNDERTONE_NVCC} -ccbin ${candidate} -std=c++20 -c ${UNDERTONE_CUDA_PROBE} -o ${UNDERTONE_CUDA_PROBE}.o
      RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
    if(failed EQUAL 0)
      set(UNDERTONE_CUDA_HOST_COMPILER ${candidate} CACHE STRING "Host compiler that nvcc takes")
      break()
    endif()
  endforeach()
endif()
if(NOT UNDERTONE_CUDA_HOST_COMPILER)
  message(WARNING "CUDA backend: left out, as ${UNDERTONE_NVCC} takes none of the C++ compilers here: "
    "name one that it takes by CUDAHOSTCXX")
  return()
endif()

set(UNDERTONE_CUDA_CODE "")
foreach(architecture ${UNDERTONE_CUDA_ARCHITECTURES})
  list(APPEND UNDERTONE_CUDA_CODE -gencode arch=compute_${architecture},code=sm_${architecture})
endforeach()
list(GET UNDERTONE_CUDA_ARCHITECTURES -1 UNDERTONE_CUDA_LAST)
list(APPEND UNDERTONE_CUDA_CODE -gencode arch=compute_${UNDERTONE_CUDA_LAST},code=compute_${UNDERTONE_CUDA_LAST})

# No contraction, as on the CPU: both backends give the same bits.
set(UNDERTONE_CUDA_FLAGS -ccbin ${UNDERTONE_CUDA_HOST_COMPILER} -std=c++20 -O3 -fmad=false --expt-relaxed-constexpr
  -diag-suppress 177 -Werror all-warnings -Xcompiler -fPIC,-fvisibility=hidden,-Wall,-ffp-contract=off
  --threads 0 -cudart static -I${CMAKE_CURRENT_LIST_DIR}/src)
set(UNDERTONE_CUDA_FROM ${CMAKE_CURRENT_LIST_DIR}/src)
file(GLOB UNDERTONE_CUDA_SOURCES CONFIGURE_DEPENDS ${UNDERTONE_CUDA_FROM}/backend/cuda/library/*.cu)
file(GLOB UNDERTONE_CUDA_HEADERS CONFIGURE_DEPENDS
  ${UNDERTONE_CUDA_FROM}/backend/cuda/*.h ${UNDERTONE_CUDA_FROM}/backend/cuda/library/*.cuh
  ${UNDERTONE_CUDA_FROM}/backend/*.h ${UNDERTONE_CUDA_FROM}/feature/*.h ${UNDERTONE_CUDA_FROM}/signal/*.h
  ${UNDERTONE_CUDA_FROM}/core/*.h)
set(UNDERTONE_CUDA_OBJECTS "")
foreach(source ${UNDERTONE_CUDA_SOURCES})
  get_filename_component(name ${source} NAME)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.o)
  add_custom_command(OUTPUT ${object}
    COMMAND ${UNDERTONE_NVCC} ${UNDERTONE_CUDA_FLAGS} ${UNDERTONE_CUDA_CODE} -c ${source} -o ${object}
    DEPENDS ${source} ${UNDERTONE_CUDA_HEADERS} VERBATIM)
  list(APPEND UNDERTONE_CUDA_OBJECTS ${object})
endforeach()
# Beside the add-on, or the program, that opens it.
if(CMAKE_JS_VERSION)
  set(UNDERTONE_CUDA_LIBRARY ${CMAKE_CURRENT_BINARY_DIR}/Release/undertone_cuda.so)
else()
  set(UNDERTONE_CUDA_LIBRARY ${CMAKE_CURRENT_BINARY_DIR}/undertone_cuda.so)
endif()
add_custom_command(OUTPUT ${UNDERTONE_CUDA_LIBRARY}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/Release
  COMMAND ${UNDERTONE_NVCC} -ccbin ${UNDERTONE_CUDA_HOST_COMPILER} -shared -cudart static
    ${UNDERTONE_CUDA_OBJECTS} -o ${UNDERTONE_CUDA_LIBRARY}
  DEPENDS ${UNDERTONE_CUDA_OBJECTS} VERBATIM)
add_custom_target(undertone_cuda ALL DEPENDS ${UNDERTONE_CUDA_LIBRARY})
message(STATUS "CUDA backend: ${UNDERTONE_NVCC}, host compiler ${UNDERTONE_CUDA_HOST_COMPILER}, "
  "compute capabilities ${UNDERTONE_CUDA_ARCHITECTURES}")
