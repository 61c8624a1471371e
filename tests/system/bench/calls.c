/* Calls the stand-in as programs do, rightly and wrongly; each case in a process of its own. argv[1]: kernels.ptx. */
#include "element.h"
#include "standin.h"
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

CUresult cuInit(unsigned), cuDriverGetVersion(int*), cuDeviceGetCount(int*), cuDeviceGet(CUdevice*, int),
    cuDeviceGetName(char*, int, CUdevice), cuDeviceGetUuid_v2(CUuuid*, CUdevice),
    cuDeviceGetAttribute(int*, int, CUdevice), cuDeviceTotalMem_v2(size_t*, CUdevice),
    cuDevicePrimaryCtxRetain(CUcontext*, CUdevice), cuDevicePrimaryCtxRelease_v2(CUdevice), cuCtxSetCurrent(CUcontext),
    cuMemAlloc_v2(CUdeviceptr*, size_t), cuMemFree_v2(CUdeviceptr), cuMemAllocHost_v2(void**, size_t),
    cuMemFreeHost(void*), cuMemsetD32Async(CUdeviceptr, unsigned, size_t, CUstream),
    cuMemcpyHtoDAsync_v2(CUdeviceptr, const void*, size_t, CUstream),
    cuMemcpyDtoHAsync_v2(void*, CUdeviceptr, size_t, CUstream),
    cuMemcpyDtoDAsync_v2(CUdeviceptr, CUdeviceptr, size_t, CUstream), cuStreamCreate(CUstream*, unsigned),
    cuStreamSynchronize(CUstream), cuStreamDestroy_v2(CUstream), cuEventCreate(CUevent*, unsigned),
    cuEventRecord(CUevent, CUstream), cuEventSynchronize(CUevent), cuEventElapsedTime(float*, CUevent, CUevent),
    cuEventDestroy_v2(CUevent), cuModuleLoadDataEx(CUmodule*, const void*, unsigned, int*, void**),
    cuModuleGetFunction(CUfunction*, CUmodule, const char*), cuModuleUnload(CUmodule),
    cuFuncSetAttribute(CUfunction, int, int),
    cuLaunchKernel(CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, CUstream, void**,
        void**),
    cuGetErrorString(CUresult, const char**), cuGetErrorName(CUresult, const char**);

static char* ptx;

#define EXPECT(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "calls.c:%d: %s\n", __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)
#define OK(call) EXPECT((call) == SUCCESS)

/* What a program has at hand after it has set up. */
static struct {
    CUcontext context;
    CUstream stream;
    CUevent from, to;
    CUmodule module;
    CUfunction fill, gemm, tensor;
    CUdeviceptr a, b, d;
    float* host;
} s;

enum { M = 70, N = 130, K = 33, STRIDE_A = 36, STRIDE_B = 132, STRIDE_D = 132, BYTES = 132 * 132 * 4 };

static void set_up(void)
{
    OK(cuInit(0));
    OK(cuDevicePrimaryCtxRetain(&s.context, 0));
    OK(cuCtxSetCurrent(s.context));
    OK(cuStreamCreate(&s.stream, 1));
    OK(cuEventCreate(&s.from, 0));
    OK(cuEventCreate(&s.to, 0));
    OK(cuModuleLoadDataEx(&s.module, ptx, 0, NULL, NULL));
    OK(cuModuleGetFunction(&s.fill, s.module, "fill_tf32"));
    OK(cuModuleGetFunction(&s.gemm, s.module, "gemm_tf32"));
    OK(cuModuleGetFunction(&s.tensor, s.module, "tensor_loop"));
    OK(cuMemAlloc_v2(&s.a, BYTES));
    OK(cuMemAlloc_v2(&s.b, BYTES));
    OK(cuMemAlloc_v2(&s.d, BYTES));
    OK(cuMemAllocHost_v2((void**)&s.host, BYTES));
}

static void end(void)
{
    OK(cuMemFreeHost(s.host));
    OK(cuMemFree_v2(s.a));
    OK(cuMemFree_v2(s.b));
    OK(cuMemFree_v2(s.d));
    OK(cuModuleUnload(s.module));
    OK(cuEventDestroy_v2(s.from));
    OK(cuEventDestroy_v2(s.to));
    OK(cuStreamDestroy_v2(s.stream));
    OK(cuDevicePrimaryCtxRelease_v2(0));
}

static void fill(CUdeviceptr x, unsigned rows, unsigned columns, unsigned stride, unsigned seed)
{
    void* parameters[] = { &x, &rows, &columns, &stride, &seed };
    OK(cuLaunchKernel(s.fill, 3, 1, 1, 256, 1, 1, 0, s.stream, parameters, NULL));
}

static CUresult product(int m, int n, int k, int stride_b, unsigned grid, unsigned shared)
{
    int stride_a = STRIDE_A, stride_d = STRIDE_D;
    void* parameters[] = { &s.a, &s.b, &s.d, &m, &n, &k, &stride_a, &stride_b, &stride_d };
    return cuLaunchKernel(s.gemm, grid, 1, 1, 256, 1, 1, shared, s.stream, parameters, NULL);
}

/* How many elements of the product are not what a plain sum says. */
static int wrong_elements(void)
{
    int wrong = 0;
    OK(cuMemcpyDtoHAsync_v2(s.host, s.d, BYTES, s.stream));
    OK(cuStreamSynchronize(s.stream));
    for (int r = 0; r < M; r++)
        for (int c = 0; c < N; c++) {
            double sum = 0;
            for (int k = 0; k < K; k++)
                sum += element(1, r, k) * element(2, k, c);
            wrong += !(fabs(s.host[r * STRIDE_D + c] - sum) < 1e-5);
        }
    return wrong;
}

static void multiply(void)
{
    fill(s.a, M, K, STRIDE_A, 1);
    fill(s.b, K, N, STRIDE_B, 2);
    OK(cuFuncSetAttribute(s.gemm, 8, 71680));
    OK(product(M, N, K, STRIDE_B, 2, 71680));
}

static void right_use(void)
{
    set_up();
    int count, value;
    size_t memory;
    char name[100], found[32];
    const char* text;
    CUuuid uuid;
    OK(cuDriverGetVersion(&value));
    EXPECT(value == 12040);
    OK(cuDeviceGetCount(&count));
    EXPECT(count == 1);
    OK(cuDeviceGet(&value, 0));
    EXPECT(cuDeviceGet(&value, 1) == INVALID_DEVICE);
    OK(cuDeviceGetName(name, sizeof name, 0));
    EXPECT(strcmp(name, "NVIDIA A30-6C") == 0);
    OK(cuDeviceGetUuid_v2(&uuid, 0));
    OK(cuDeviceTotalMem_v2(&memory, 0));
    EXPECT(memory == 6144ul << 20);
    OK(cuDeviceGetAttribute(&value, 16, 0));
    EXPECT(value == 56);
    OK(cuGetErrorName(222, &text));
    EXPECT(strcmp(text, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION") == 0);
    OK(cuGetErrorString(2, &text));
    CUfunction none;
    EXPECT(cuModuleGetFunction(&none, s.module, "no_kernel") == NOT_FOUND);
    CUdeviceptr large;
    EXPECT(cuMemAlloc_v2(&large, 6144ul << 20) == OUT_OF_MEMORY);

    for (int i = 0; i < BYTES / 4; i++)
        s.host[i] = (float)i;
    OK(cuEventRecord(s.from, s.stream));
    OK(cuMemcpyHtoDAsync_v2(s.a, s.host, BYTES, s.stream));
    OK(cuMemcpyDtoDAsync_v2(s.b, s.a, BYTES, s.stream));
    OK(cuMemsetD32Async(s.b, 7, 2, s.stream));
    OK(cuEventRecord(s.to, s.stream));
    OK(cuEventSynchronize(s.to));
    OK(cuMemcpyDtoHAsync_v2(found, s.b + 4, sizeof found, s.stream));
    EXPECT(((int*)found)[0] == 7 && ((float*)found)[1] == 2.0f);
    float elapsed;
    OK(cuEventElapsedTime(&elapsed, s.from, s.to));
    EXPECT(elapsed > 0);

    multiply();
    EXPECT(wrong_elements() == 0);
    int iterations = 100;
    void* parameters[] = { &s.d, &iterations };
    OK(cuLaunchKernel(s.tensor, 2, 1, 1, 256, 1, 1, 0, s.stream, parameters, NULL));
    OK(cuMemcpyDtoHAsync_v2(s.host, s.d, BYTES, s.stream));
    OK(cuStreamSynchronize(s.stream));
    for (int warp = 0; warp < 16; warp++) {
        double sum = 0;
        for (int lane = 0; lane < 32; lane++)
            sum += s.host[warp * 32 + lane];
        EXPECT(sum == 1536 + 8 * iterations);
    }
    end();
}

static void right_use_without_emulation(void)
{
    setenv("VGPU_STANDIN_EMULATE", "0", 1);
    right_use();
}

/* Every call stands in the log, with its failure. */
static void log_of_calls(void)
{
    char file[] = "/tmp/standin-XXXXXX", text[1000] = "";
    int made = mkstemp(file);
    EXPECT(made >= 0);
    setenv("VGPU_STANDIN_LOG", file, 1);
    setenv("VGPU_STANDIN_FAIL", "cuDeviceGetCount:999", 1);
    int count;
    OK(cuInit(0));
    EXPECT(cuDeviceGetCount(&count) == 999);
    EXPECT(read(made, text, sizeof text - 1) > 0);
    unlink(file);
    EXPECT(strcmp(text, "cuInit 0\ncuDeviceGetCount \n= 999\n") == 0);
}

static void nothing_is_done_before_it_is_waited_for(void)
{
    set_up();
    s.host[0] = 1;
    OK(cuMemcpyHtoDAsync_v2(s.a, s.host, 4, s.stream));
    OK(cuMemcpyDtoHAsync_v2(s.host + 1, s.a, 4, s.stream));
    EXPECT(s.host[1] != 1);
    OK(cuStreamSynchronize(s.stream));
    EXPECT(s.host[1] == 1);
    end();
}

static void wrong_result(void)
{
    setenv("VGPU_STANDIN_WRONG", "gemm:69,129", 1);
    set_up();
    multiply();
    EXPECT(wrong_elements() == 1);
    end();
}

static void wrong_matrix(void)
{
    setenv("VGPU_STANDIN_WRONG", "fill", 1);
    set_up();
    multiply();
    EXPECT(wrong_elements() > 1);
    end();
}

static void injected_at_the_second_time(void)
{
    setenv("VGPU_STANDIN_FAIL", "cuStreamSynchronize:719@2,cuMemAllocHost_v2:2@2,cuMemFree_v2:999@1", 1);
    set_up();
    void* more;
    EXPECT(cuMemAllocHost_v2(&more, 1) == 2);
    OK(cuStreamSynchronize(s.stream));
    EXPECT(cuStreamSynchronize(s.stream) == 719);
    OK(cuStreamSynchronize(s.stream));
    CUdeviceptr one;
    OK(cuMemAlloc_v2(&one, 1));
    EXPECT(cuMemFree_v2(one) == 999);
    end();
}

static void no_device(void)
{
    setenv("VGPU_STANDIN_DEVICES", "0", 1);
    EXPECT(cuInit(0) == NO_DEVICE);
}

static void empty(void)
{
    setenv("VGPU_STANDIN_DEVICES", "empty", 1);
    int count = -1;
    OK(cuInit(0));
    OK(cuDeviceGetCount(&count));
    EXPECT(count == 0);
}

static void load_on(const char* setting, const char* value, CUresult expected, int logged)
{
    setenv(setting, value, 1);
    OK(cuInit(0));
    OK(cuDevicePrimaryCtxRetain(&s.context, 0));
    OK(cuCtxSetCurrent(s.context));
    char log[200] = "";
    int options[] = { 5, 6 };
    void* values[] = { log, (void*)sizeof log };
    EXPECT(cuModuleLoadDataEx(&s.module, ptx, 2, options, values) == expected);
    EXPECT((*log != 0) == logged && (size_t)values[1] == strlen(log));
    OK(cuDevicePrimaryCtxRelease_v2(0));
}

static void old_driver(void) { load_on("VGPU_STANDIN_DRIVER", "10020", UNSUPPORTED_PTX_VERSION, 1); }
static void old_gpu(void) { load_on("VGPU_STANDIN_COMPUTE", "7.5", NO_BINARY_FOR_GPU, 0); }

static void broken_ptx(void)
{
    ptx = "garbage";
    load_on("VGPU_STANDIN_DRIVER", "12040", INVALID_PTX, 1);
}

static void little_memory(void)
{
    setenv("VGPU_STANDIN_MEMORY", "1", 1);
    set_up();
    CUdeviceptr rest;
    EXPECT(cuMemAlloc_v2(&rest, (1 << 20) - 3 * BYTES + 1) == OUT_OF_MEMORY);
    OK(cuMemAlloc_v2(&rest, (1 << 20) - 3 * BYTES));
    OK(cuMemFree_v2(rest));
    end();
}

static void hangs(void)
{
    setenv("VGPU_STANDIN_FAIL", "cuStreamSynchronize:hang", 1);
    set_up();
    alarm(1);
    cuStreamSynchronize(s.stream);
}

static void allow(void)
{
    set_up();
    OK(cuFuncSetAttribute(s.gemm, 8, 71680));
}

/* Misuse */
static void no_init(void) { int count; cuDeviceGetCount(&count); }
static void no_context(void) { OK(cuInit(0)); cuMemAlloc_v2(&s.a, 1); }
static void released_context(void) { set_up(); cuDevicePrimaryCtxRelease_v2(0); cuStreamSynchronize(s.stream); }
static void memory_left(void) { set_up(); CUdeviceptr left; cuMemAlloc_v2(&left, 5); end(); }
static void event_left(void) { set_up(); CUevent left; cuEventCreate(&left, 0); end(); }
static void context_left(void) { set_up(); cuDevicePrimaryCtxRetain(&s.context, 0); end(); }
static void freed_twice(void) { set_up(); cuMemFree_v2(s.a); cuMemFree_v2(s.a); }
static void copy_too_long(void) { set_up(); cuMemcpyDtoDAsync_v2(s.a, s.b + 4, BYTES, s.stream); }
static void host_as_device(void) { set_up(); cuMemcpyDtoDAsync_v2(s.a, (uintptr_t)s.host, 4, s.stream); }
static void device_as_host(void) { set_up(); cuMemcpyHtoDAsync_v2(s.a, (void*)s.b, 4, s.stream); }
static void elapsed_unrecorded(void) { set_up(); float e; cuEventElapsedTime(&e, s.from, s.to); }
static void stream_unknown(void) { set_up(); cuStreamSynchronize((CUstream)s.from); }
static void wrong_grid(void) { allow(); product(M, N, K, STRIDE_B, 1, 71680); }
static void shared_not_allowed(void) { set_up(); product(M, N, K, STRIDE_B, 2, 71680); }
static void little_shared(void) { set_up(); product(M, N, K, STRIDE_B, 2, 49152); }
static void odd_stride(void) { allow(); product(M, N, K, 131, 2, 71680); }
static void matrix_too_large(void) { allow(); product(M, N, 134, 132, 2, 71680); }

static void elapsed_unwaited(void)
{
    set_up();
    OK(cuEventRecord(s.from, s.stream));
    OK(cuEventRecord(s.to, s.stream));
    float elapsed;
    cuEventElapsedTime(&elapsed, s.from, s.to);
}

static const struct { const char* name; void (*run)(void); int status; } cases[] = {
#define GOOD(name) { #name, name, 0 }
#define MISUSE(name) { #name, name, 99 }
    GOOD(right_use), GOOD(right_use_without_emulation), GOOD(log_of_calls),
    GOOD(nothing_is_done_before_it_is_waited_for), GOOD(wrong_result), GOOD(wrong_matrix),
    GOOD(injected_at_the_second_time), GOOD(no_device), GOOD(empty), GOOD(old_driver), GOOD(old_gpu), GOOD(broken_ptx),
    GOOD(little_memory), { "hangs", hangs, 128 + SIGALRM },
    MISUSE(no_init), MISUSE(no_context), MISUSE(released_context), MISUSE(memory_left), MISUSE(event_left),
    MISUSE(context_left), MISUSE(freed_twice), MISUSE(copy_too_long), MISUSE(host_as_device), MISUSE(device_as_host),
    MISUSE(elapsed_unrecorded), MISUSE(elapsed_unwaited), MISUSE(stream_unknown), MISUSE(wrong_grid),
    MISUSE(shared_not_allowed), MISUSE(little_shared), MISUSE(odd_stride), MISUSE(matrix_too_large),
};

int main(int count, char** arguments)
{
    int failed = 0;
    FILE* file = count == 2 ? fopen(arguments[1], "r") : NULL;
    ptx = calloc(1, 1 << 20);
    if (!file || fread(ptx, 1, (1 << 20) - 1, file) == 0)
        return 64;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            if (cases[i].status == 99)
                fclose(stderr);
            cases[i].run();
            exit(0);
        }
        int status;
        waitpid(child, &status, 0);
        status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        failed |= status != cases[i].status;
        printf("%s stand-in: %s%s\n", status == cases[i].status ? "ok  " : "FAIL", cases[i].name,
            cases[i].status == 99 ? " is misuse" : "");
    }
    return failed;
}
