/* A stand-in for NVIDIA's libcuda.so.1, for programs that use the calls below and load kernels.ptx: it checks the order
   and the arguments of every call, copies for real, and runs the three kernels on the CPU: emulated thread by thread
   (emulation.c), or by plain loops with the same result where that would take minutes. Work in a stream is done when
   somebody waits for it, not before. What the real library would not answer with an error but with undefined behaviour,
   and what is left at the end, is misuse: a line on standard error and exit code 99.

   VGPU_STANDIN_DEVICES  how many devices (1); 0: cuInit answers 100, `empty`: cuInit succeeds and the count is 0
   VGPU_STANDIN_NAME     name of the devices (NVIDIA A30-6C)
   VGPU_STANDIN_SMS      multiprocessors (56)
   VGPU_STANDIN_COMPUTE  compute capability (8.0)
   VGPU_STANDIN_CLOCK    clock in kHz (1440000)
   VGPU_STANDIN_DRIVER   cuDriverGetVersion (12040); PTX newer than it gives 222
   VGPU_STANDIN_MEMORY   memory in MiB (6144); an allocation beyond it gives 2
   VGPU_STANDIN_FAIL     CALL:STATUS[@N], separated by commas: the call (at its Nth time only) answers STATUS; `hang` in
                         the place of STATUS: it does not return. A call that releases something does so all the same.
   VGPU_STANDIN_WRONG    gemm[:ROW,COLUMN[@N]]: each product, from the Nth on, has one wrong element, there (0,0); fill:
                         so has each matrix filled; tensor[:0,FLOAT[@N]]: so has each loop's result; h2d, d2h, d2d: the
                         last byte of each such copy is wrong
   VGPU_STANDIN_EMULATE  products of up to that many multiplications, and matrices of up to that many elements, run as
                         emulated kernels (16777216); the log says of the others that they do not
   VGPU_STANDIN_LOG      a file to which every call is appended, a line each: name, arguments; `= STATUS` after one that
                         failed */
#ifndef STANDIN_H
#define STANDIN_H
#include <stddef.h>

#define API __attribute__((visibility("default")))

typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct context* CUcontext;
typedef struct stream* CUstream;
typedef struct event* CUevent;
typedef struct module* CUmodule;
typedef struct function* CUfunction;
typedef struct { char bytes[16]; } CUuuid;

enum {
    SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, INVALID_DEVICE = 101, NO_BINARY_FOR_GPU = 209,
    INVALID_PTX = 218, UNSUPPORTED_PTX_VERSION = 222, NOT_FOUND = 500
};

/* standin.c */
struct settings {
    int devices, init_status, multiprocessors, compute_major, compute_minor, clock_khz, driver;
    size_t memory, emulate;
    const char *name, *fail, *wrong;
};
extern struct settings settings;

__attribute__((noreturn, format(printf, 1, 2))) void misuse(const char* format, ...);
__attribute__((format(printf, 1, 2))) void note(const char* format, ...);
/* Begins a call: reads the settings, writes the log, takes the lock. The status that was asked for, or 0. */
__attribute__((format(printf, 2, 3))) CUresult enter(const char* call, const char* format, ...);
CUresult leave(CUresult status);
void need_init(void);
void need_context(void);
void need_device(CUdevice device);
/* What has been made and is not released yet. */
void* handle_new(const char* kind, size_t bytes);
void handle_check(const char* kind, const void* handle);
void handle_end(const char* kind, void* handle);

/* cuda_memory.c */
struct allocation {
    struct allocation* next;
    char* start;
    size_t bytes;
    int on_device;
};
struct allocation* find_allocation(const void* start, size_t bytes, int on_device);
void need_memory(const char* what, const void* start, size_t bytes, int on_device);
size_t allocations_left(size_t* bytes);

/* cuda_stream.c */
struct operation {
    struct operation* next;
    void (*run)(struct operation*);
    void *to, *snapshot;
    const void* from;
    size_t bytes;
    unsigned value;
    struct event* event;
    struct function* function;
    unsigned grid[3], block[3], shared;
    unsigned long long arguments[12];
};
void enqueue(CUstream stream, struct operation operation);
void drain(CUstream stream);
void drain_all(void);

/* compute.c: what the kernels of kernels.ptx do, as plain loops over all processors. */
void plain_fill(float* x, unsigned rows, unsigned columns, unsigned stride, unsigned seed);
void plain_gemm(const float* a, const float* b, float* d, int m, int n, int k, int stride_a, int stride_b,
    int stride_d);
#endif
