/* What kernels.c sees when it is compiled for x86-64: the compiler's builtins as functions, with what they mean on a
   GPU. emulation.c says how. */
#ifndef EMULATED_H
#define EMULATED_H
#define DEVICE static inline
#define KERNEL void
#define TO_SHARED(pointer) (pointer)
#define TO_GLOBAL(pointer) (pointer)
#define tile emulated_shared

typedef float float4 __attribute__((vector_size(16)));
extern float* emulated_shared;

int __nvvm_read_ptx_sreg_tid_x(void);
int __nvvm_read_ptx_sreg_ntid_x(void);
int __nvvm_read_ptx_sreg_ctaid_x(void);
int __nvvm_read_ptx_sreg_ctaid_y(void);
int __nvvm_read_ptx_sreg_nctaid_x(void);
int __nvvm_read_ptx_sreg_nctaid_y(void);
void __nvvm_bar_sync(int barrier);
void __nvvm_cp_async_cg_shared_global_16(void* to, const void* from);
void __nvvm_cp_async_commit_group(void);
void __nvvm_cp_async_wait_group(int pending);
void __mma_tf32_m16n16k8_ld_a(int* a, const int* from, unsigned stride, int layout);
void __mma_tf32_m16n16k8_ld_b(int* b, const int* from, unsigned stride, int layout);
void __mma_tf32_m16n16k8_mma_f32(float* d, const int* a, const int* b, const float* c, int layout, int saturate);
void __mma_m16n16k8_st_c_f32(float* to, const float* d, unsigned stride, int layout);
void put(float* to, float value);
void put4(float* to, float4 value);
void put4_shared(float* to, float4 value);
float4 get4_shared(const float* from);

#ifndef EMULATED_PTX
void fill_tf32(float* x, unsigned rows, unsigned columns, unsigned stride, unsigned seed);
void gemm_tf32(const float* a, const float* b, float* d, int m, int n, int k, int strideA, int strideB, int strideD);
void tensor_loop(float* out, int iterations);
#endif
#endif
