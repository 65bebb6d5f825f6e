// The convolutions and products of gpu_bench by cuDNN and cuBLAS, each with the fastest algorithm
// that they find, in exact f32 and in TF32. Prints a line of JSON for each. Built where
// MIEN_BENCH_PEERS is ON.
//   gpu_peers
#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <cudnn.h>

#include <cstdio>
#include <exception>
#include <string>

#include "bench/gpu/gpu_timer.h"
#include "kernels/cuda/api.h"
#include "lib/runtime/allocator.h"
#include "mien/base/error.h"

namespace {

using namespace mien;

constexpr Device kGpu{DeviceType::cuda, 0};
constexpr std::size_t kWorkspace = std::size_t(1) << 30;
constexpr float kOne = 1, kZero = 0;

void check(cudnnStatus_t status) {
  MIEN_CHECK(status == CUDNN_STATUS_SUCCESS, DeviceError, "cuDNN: ", cudnnGetErrorString(status));
}
void check(cublasStatus_t status) {
  MIEN_CHECK(status == CUBLAS_STATUS_SUCCESS, DeviceError,
             "cuBLAS: ", cublasGetStatusString(status));
}

cudaStream_t stream() { return static_cast<cudaStream_t>(cuda_stream()); }

void print(nlohmann::json line, const std::string& name, const char* pass, bool tf32, double flop) {
  line.update(
      {{"kernel", name}, {"pass", pass}, {"math", tf32 ? "tf32" : "exact"}, {"flop", flop}});
  std::printf("%s\n", line.dump().c_str());
}

// Descriptors of one convolution; NHWC as mien has it.
class CudnnConv {
 public:
  CudnnConv(const bench::ConvShape& s, bool tf32)
      : shape_(s),
        tf32_(tf32),
        x_(bench::noise({s.batch, s.side, s.side, s.channels}, 1).to(kGpu)),
        w_(bench::noise({s.filters, s.size, s.size, s.channels}, 2).to(kGpu)),
        y_(bench::noise({s.batch, s.side, s.side, s.filters}, 3).to(kGpu)),
        workspace_(kGpu, kWorkspace) {
    check(cudnnCreate(&handle_));
    check(cudnnSetStream(handle_, stream()));
    check(cudnnCreateTensorDescriptor(&x_kind_));
    check(cudnnCreateTensorDescriptor(&y_kind_));
    check(cudnnCreateFilterDescriptor(&w_kind_));
    check(cudnnCreateConvolutionDescriptor(&kind_));
    check(cudnnSetTensor4dDescriptor(x_kind_, CUDNN_TENSOR_NHWC, CUDNN_DATA_FLOAT, s.batch,
                                     s.channels, s.side, s.side));
    check(cudnnSetTensor4dDescriptor(y_kind_, CUDNN_TENSOR_NHWC, CUDNN_DATA_FLOAT, s.batch,
                                     s.filters, s.side, s.side));
    check(cudnnSetFilter4dDescriptor(w_kind_, CUDNN_DATA_FLOAT, CUDNN_TENSOR_NHWC, s.filters,
                                     s.channels, s.size, s.size));
    check(cudnnSetConvolution2dDescriptor(kind_, s.size / 2, s.size / 2, 1, 1, 1, 1,
                                          CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT));
    check(cudnnSetConvolutionMathType(
        kind_, tf32 ? CUDNN_TENSOR_OP_MATH_ALLOW_CONVERSION : CUDNN_FMA_MATH));
  }
  ~CudnnConv() {
    cudnnDestroyConvolutionDescriptor(kind_);
    cudnnDestroyFilterDescriptor(w_kind_);
    cudnnDestroyTensorDescriptor(y_kind_);
    cudnnDestroyTensorDescriptor(x_kind_);
    cudnnDestroy(handle_);
  }
  CudnnConv(const CudnnConv&) = delete;
  CudnnConv& operator=(const CudnnConv&) = delete;

  void forward() {
    cudnnConvolutionFwdAlgoPerf_t best{};
    int found = 0;
    check(cudnnFindConvolutionForwardAlgorithmEx(handle_, x_kind_, x_.raw(), w_kind_, w_.raw(),
                                                 kind_, y_kind_, y_.raw(), 1, &found, &best,
                                                 workspace_.get(), kWorkspace));
    report("forward", [&] {
      check(cudnnConvolutionForward(handle_, &kOne, x_kind_, x_.raw(), w_kind_, w_.raw(), kind_,
                                    best.algo, workspace_.get(), kWorkspace, &kZero, y_kind_,
                                    y_.raw()));
    });
  }
  void grad_x() {
    cudnnConvolutionBwdDataAlgoPerf_t best{};
    int found = 0;
    check(cudnnFindConvolutionBackwardDataAlgorithmEx(handle_, w_kind_, w_.raw(), y_kind_, y_.raw(),
                                                      kind_, x_kind_, x_.raw(), 1, &found, &best,
                                                      workspace_.get(), kWorkspace));
    report("grad_x", [&] {
      check(cudnnConvolutionBackwardData(handle_, &kOne, w_kind_, w_.raw(), y_kind_, y_.raw(),
                                         kind_, best.algo, workspace_.get(), kWorkspace, &kZero,
                                         x_kind_, x_.raw()));
    });
  }
  void grad_w() {
    cudnnConvolutionBwdFilterAlgoPerf_t best{};
    int found = 0;
    check(cudnnFindConvolutionBackwardFilterAlgorithmEx(
        handle_, x_kind_, x_.raw(), y_kind_, y_.raw(), kind_, w_kind_, w_.raw(), 1, &found, &best,
        workspace_.get(), kWorkspace));
    report("grad_w", [&] {
      check(cudnnConvolutionBackwardFilter(handle_, &kOne, x_kind_, x_.raw(), y_kind_, y_.raw(),
                                           kind_, best.algo, workspace_.get(), kWorkspace, &kZero,
                                           w_kind_, w_.raw()));
    });
  }

 private:
  template <class Call>
  void report(const char* pass, Call call) {
    print(bench::device_time(call), bench::name_of(shape_), pass, tf32_, shape_.flop());
  }

  bench::ConvShape shape_;
  bool tf32_;
  Tensor x_, w_, y_;
  Scratch workspace_;
  cudnnHandle_t handle_ = nullptr;
  cudnnTensorDescriptor_t x_kind_ = nullptr, y_kind_ = nullptr;
  cudnnFilterDescriptor_t w_kind_ = nullptr;
  cudnnConvolutionDescriptor_t kind_ = nullptr;
};

// Row-major y = a b is column-major y' = b' a'.
void product(const bench::ProductShape& s, bool tf32) {
  const Tensor a = bench::noise({s.m, s.k}, 1).to(kGpu), b = bench::noise({s.k, s.n}, 2).to(kGpu);
  const Tensor y = Tensor::zeros({s.m, s.n}, {.device = kGpu});
  cublasHandle_t handle = nullptr;
  check(cublasCreate(&handle));
  check(cublasSetStream(handle, stream()));
  const cublasComputeType_t kind =
      tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F_PEDANTIC;
  print(bench::device_time([&] {
          check(cublasGemmEx(handle, CUBLAS_OP_N, CUBLAS_OP_N, s.n, s.m, s.k, &kOne, b.raw(),
                             CUDA_R_32F, s.n, a.raw(), CUDA_R_32F, s.k, &kZero, y.raw(), CUDA_R_32F,
                             s.n, kind, CUBLAS_GEMM_DEFAULT));
        }),
        bench::name_of(s), "product", tf32, 2.0 * s.m * s.n * s.k);
  cublasDestroy(handle);
}

void run() {
  MIEN_CHECK(cuda_devices() > 0, DeviceError, "no CUDA device: ", why_no_cuda());
  for (const bool tf32 : {false, true}) {
    for (const bench::ConvShape& shape : bench::gpu_convolutions(false)) {
      CudnnConv conv(shape, tf32);
      conv.forward();
      if (shape.channels > 1) conv.grad_x();  // nobody needs that of the images
      conv.grad_w();
    }
    for (const bench::ProductShape& shape : bench::gpu_products(false)) product(shape, tf32);
  }
}

}  // namespace

int main() {
  try {
    run();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gpu_peers: %s\n", error.what());
    return 2;
  }
}
