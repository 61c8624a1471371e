/* Runs the kernels of kernels.c on the CPU, every thread of a block; emulation.c says how. */
#ifndef EMULATION_H
#define EMULATION_H

/* How the threads are interleaved and how fragments lie in registers; a right kernel gives the same for all. */
struct emulation {
    unsigned seed;
    /* After a run: accesses to shared memory in which two words of one bank are wanted at once. */
    long conflicts;
};

/* Null, or what the kernel did that a GPU would not put up with (its text stays valid until the next run). */
const char* emulate_fill(struct emulation* emulation, unsigned blocks, float* x, unsigned rows, unsigned columns,
    unsigned stride, unsigned seed);
const char* emulate_gemm(struct emulation* emulation, const float* a, const float* b, float* d, int m, int n, int k,
    int stride_a, int stride_b, int stride_d, unsigned shared_bytes);
const char* emulate_tensor(struct emulation* emulation, unsigned blocks, float* out, int iterations);

/* A TF32 value of a float as the tensor cores read it: without the lower 13 bits of the mantissa. */
float truncate_tf32(float value);
#endif
