/* Modules and launches of the stand-in: reads of the PTX what a driver would, and checks a launch against it. */
#include "emulation.h"
#include "standin.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kernel { FILL, GEMM, TENSOR, KERNELS };
/* Parameters: p a pointer (.u64), u 32 bits (.u32). */
static const struct { const char *name, *parameters; } known[KERNELS] = {
    { "fill_tf32", "puuuu" }, { "gemm_tf32", "pppuuuuuu" }, { "tensor_loop", "pu" },
};

struct function {
    struct module* module;
    enum kernel kernel;
    int exists;
    unsigned shared_allowed;
};

struct module {
    int gemm_shared;
    struct function functions[KERNELS];
};

/* The lowest driver that takes a version of PTX; 0: none. Source: src/docs/facts/measuring.md, F13. */
static int driver_of(int major, int minor)
{
    static const int versions[][2] = {
        { 70, 11000 }, { 71, 11010 }, { 72, 11020 }, { 73, 11030 }, { 74, 11040 }, { 75, 11050 }, { 76, 11060 },
        { 77, 11070 }, { 78, 11080 }, { 80, 12000 }, { 81, 12010 }, { 82, 12020 }, { 83, 12030 }, { 84, 12040 },
        { 85, 12050 }, { 86, 12070 }, { 87, 12080 }, { 88, 12090 }, { 90, 13000 }, { 91, 13010 },
    };
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        if (versions[i][0] == major * 10 + minor)
            return versions[i][1];
    return 0;
}

/* The parameters of an entry, or null where there is no such entry. */
static const char* entry_parameters(const char* image, const char* name, char found[16])
{
    char entry[64];
    snprintf(entry, sizeof entry, ".visible .entry %s(", name);
    const char* at = strstr(image, entry);
    if (!at)
        return NULL;
    const char* end = strchr(at, ')');
    size_t count = 0;
    for (at = strstr(at, ".param"); end && at && at < end && count < 15; at = strstr(at + 1, ".param"))
        found[count++] = strncmp(at, ".param .u64", 11) == 0 ? 'p' : strncmp(at, ".param .u32", 11) == 0 ? 'u' : '?';
    found[count] = 0;
    return found;
}

static CUresult read_image(struct module* module, const char* image, char* problem, size_t length)
{
    int major, minor, target;
    const char* at = strstr(image, ".version ");
    if (!at || sscanf(at, ".version %d.%d", &major, &minor) != 2) {
        snprintf(problem, length, "ptxas fatal   : Missing .version directive at start of file");
        return INVALID_PTX;
    }
    if (driver_of(major, minor) == 0 || driver_of(major, minor) > settings.driver) {
        snprintf(problem, length, "ptxas fatal   : Unsupported .version %d.%d", major, minor);
        return UNSUPPORTED_PTX_VERSION;
    }
    at = strstr(image, ".target sm_");
    if (!at || sscanf(at, ".target sm_%d", &target) != 1 || !strstr(image, ".address_size 64")) {
        snprintf(problem, length, "ptxas fatal   : Missing .target or .address_size directive");
        return INVALID_PTX;
    }
    if (settings.compute_major * 10 + settings.compute_minor < target)
        return NO_BINARY_FOR_GPU;
    at = strstr(image, "// gemm_tf32 shared ");
    module->gemm_shared = at ? atoi(at + 20) : 0;
    for (enum kernel i = 0; i < KERNELS; i++) {
        char found[16];
        const char* parameters = entry_parameters(image, known[i].name, found);
        if (parameters && strcmp(parameters, known[i].parameters) != 0)
            misuse("%s has the parameters %s, not %s", known[i].name, parameters, known[i].parameters);
        module->functions[i] = (struct function){ module, i, parameters != NULL, 49152 };
    }
    return SUCCESS;
}

API CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned count, int* options, void** values)
{
    CUresult status = enter("cuModuleLoadDataEx", "%u options", count);
    need_context();
    void* log = NULL;
    size_t length = 0;
    for (unsigned i = 0; i < count; i++) {
        if (options[i] < 0 || options[i] > 8)
            misuse("option %d is unknown", options[i]);
        if (options[i] == 5)
            log = values[i];
        if (options[i] == 6)
            length = (uintptr_t)values[i];
    }
    if (status != SUCCESS)
        return leave(status);
    char problem[200] = "";
    struct module read;
    status = read_image(&read, image, problem, sizeof problem);
    if (log && length > 0) {
        snprintf(log, length, "%s", problem);
        for (unsigned i = 0; i < count; i++)
            if (options[i] == 6)
                values[i] = (void*)strlen(log);
    }
    if (status == SUCCESS) {
        *module = handle_new("module", sizeof read);
        **module = read;
        for (enum kernel i = 0; i < KERNELS; i++)
            (*module)->functions[i].module = *module;
    }
    return leave(status);
}

API CUresult cuModuleUnload(CUmodule module)
{
    CUresult status = enter("cuModuleUnload", "%p", (void*)module);
    need_context();
    handle_check("module", module);
    drain_all();
    handle_end("module", module);
    return leave(status);
}

API CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name)
{
    CUresult status = enter("cuModuleGetFunction", "%s", name);
    need_context();
    handle_check("module", module);
    if (status != SUCCESS)
        return leave(status);
    for (enum kernel i = 0; i < KERNELS; i++)
        if (strcmp(name, known[i].name) == 0 && module->functions[i].exists) {
            *function = &module->functions[i];
            return leave(SUCCESS);
        }
    return leave(NOT_FOUND);
}

/* A function cannot be looked up as a handle: its module is, and the function must be one of it. */
static void need_function(CUfunction function)
{
    if (!function)
        misuse("no function");
    handle_check("module", function->module);
    if (function != &function->module->functions[function->kernel])
        misuse("%p is no function", (void*)function);
}

API CUresult cuFuncSetAttribute(CUfunction function, int attribute, int value)
{
    CUresult status = enter("cuFuncSetAttribute", "%d, %d", attribute, value);
    need_context();
    need_function(function);
    if (attribute != 8)
        misuse("attribute %d is not the size of dynamic shared memory (8)", attribute);
    if (status == SUCCESS && (value < 0 || value > 166912))
        status = INVALID_VALUE;
    if (status == SUCCESS)
        function->shared_allowed = value;
    return leave(status);
}

static void need_matrix(const char* what, unsigned long long start, int rows, int columns, int stride)
{
    if (start % 16 != 0)
        misuse("%s at %#llx is not aligned to 16 bytes", what, start);
    if (rows < 1 || columns < 1 || stride < columns || stride % 4 != 0)
        misuse("%s is %d x %d with a stride of %d", what, rows, columns, stride);
    need_memory(what, (void*)(uintptr_t)start, (size_t)rows * stride * 4, 1);
}

static void check_gemm(const struct operation* launch)
{
    const unsigned long long* value = launch->arguments;
    int m = (int)value[3], n = (int)value[4], k = (int)value[5];
    need_matrix("a", value[0], m, k, (int)value[6]);
    need_matrix("b", value[1], k, n, (int)value[7]);
    need_matrix("d", value[2], m, n, (int)value[8]);
    if (launch->grid[0] != (unsigned)(n + 127) / 128 || launch->grid[1] != (unsigned)(m + 127) / 128)
        misuse("a grid of %u x %u for a product of %d x %d", launch->grid[0], launch->grid[1], m, n);
    if (launch->function->module->gemm_shared == 0 || launch->shared < (unsigned)launch->function->module->gemm_shared)
        misuse("%u bytes of shared memory, not %d", launch->shared, launch->function->module->gemm_shared);
}

static void check_launch(const struct operation* launch)
{
    const unsigned long long* value = launch->arguments;
    const unsigned *grid = launch->grid, *block = launch->block;
    if (block[0] != 256 || block[1] != 1 || block[2] != 1)
        misuse("a block of %u x %u x %u, not of 256 threads", block[0], block[1], block[2]);
    if (grid[0] < 1 || grid[0] > 0x7fffffff || grid[1] < 1 || grid[1] > 65535 || grid[2] != 1)
        misuse("a grid of %u x %u x %u", grid[0], grid[1], grid[2]);
    if (launch->shared > launch->function->shared_allowed)
        misuse("%u bytes of shared memory, %u allowed by cuFuncSetAttribute", launch->shared,
            launch->function->shared_allowed);
    switch (launch->function->kernel) {
    case FILL:
        if (value[2] < 1 || value[2] > value[3])
            misuse("%llu columns with a stride of %llu", value[2], value[3]);
        need_memory("the matrix", (void*)(uintptr_t)value[0], value[1] * value[3] * 4, 1);
        break;
    case GEMM:
        check_gemm(launch);
        break;
    default:
        if ((int)value[1] < 0)
            misuse("%d iterations", (int)value[1]);
        need_memory("the results", (void*)(uintptr_t)value[0], (size_t)grid[0] * grid[1] * 256 * 4, 1);
    }
    if (launch->function->kernel != GEMM && grid[1] != 1)
        misuse("a grid of %u x %u: only the product has two dimensions", grid[0], grid[1]);
}

/* VGPU_STANDIN_WRONG */
static void spoil(const char* kernel, float* x, long stride, int rows, int columns)
{
    static int count;
    size_t length = strlen(kernel);
    int row = 0, column = 0, from = 1;
    if (strncmp(settings.wrong, kernel, length) != 0)
        return;
    if (settings.wrong[length] == ':' && sscanf(settings.wrong + length, ":%d,%d@%d", &row, &column, &from) < 2)
        misuse("VGPU_STANDIN_WRONG=%s is not understood", settings.wrong);
    if (++count >= from && row < rows && column < columns)
        x[row * stride + column] += 1.0f;
}

static void run_emulated(const char* problem)
{
    if (problem)
        misuse("a kernel, emulated: %s", problem);
}

static void run_gemm(const struct operation* launch)
{
    const unsigned long long* value = launch->arguments;
    const float *a = (float*)(uintptr_t)value[0], *b = (float*)(uintptr_t)value[1];
    float* d = (float*)(uintptr_t)value[2];
    int m = (int)value[3], n = (int)value[4], k = (int)value[5];
    struct emulation emulation = { 1, 0 };
    if ((size_t)m * n * k <= settings.emulate)
        run_emulated(emulate_gemm(&emulation, a, b, d, m, n, k, value[6], value[7], value[8], launch->shared));
    else {
        note("  gemm_tf32 is not emulated: %d x %d x %d as a plain loop", m, n, k);
        plain_gemm(a, b, d, m, n, k, value[6], value[7], value[8]);
    }
    spoil("gemm", d, value[8], m, n);
}

/* The sums grow by the same in every iteration: a thread's float after many of them follows from the first two. */
static void run_tensor(const struct operation* launch)
{
    float* out = (float*)(uintptr_t)launch->arguments[0];
    int iterations = (int)launch->arguments[1];
    unsigned blocks = launch->grid[0];
    struct emulation emulation = { 1, 0 };
    if ((size_t)blocks * iterations * 32 * 2048 <= settings.emulate) {
        run_emulated(emulate_tensor(&emulation, blocks, out, iterations));
    } else {
        note("  tensor_loop is not emulated: %u blocks, %d iterations from one of each", blocks, iterations);
        float before[256], after[256];
        run_emulated(emulate_tensor(&emulation, 1, before, 0));
        run_emulated(emulate_tensor(&emulation, 1, after, 1));
        for (size_t i = 0; i < (size_t)blocks * 256; i++)
            out[i] = before[i % 256] + (after[i % 256] - before[i % 256]) * (float)iterations;
    }
    spoil("tensor", out, 0, 1, (int)blocks * 256);
}

static void run_fill(const struct operation* launch)
{
    const unsigned long long* value = launch->arguments;
    float* x = (float*)(uintptr_t)value[0];
    struct emulation emulation = { 1, 0 };
    if (value[1] * value[3] <= settings.emulate)
        run_emulated(emulate_fill(&emulation, launch->grid[0], x, value[1], value[2], value[3], value[4]));
    else {
        note("  fill_tf32 is not emulated: %llu x %llu as a plain loop", value[1], value[3]);
        plain_fill(x, value[1], value[2], value[3], value[4]);
    }
    spoil("fill", x, value[3], value[1], value[2]);
}

static void run_launch(struct operation* launch)
{
    switch (launch->function->kernel) {
    case FILL:
        run_fill(launch);
        break;
    case GEMM:
        run_gemm(launch);
        break;
    default:
        run_tensor(launch);
    }
}

API CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
    unsigned block_y, unsigned block_z, unsigned shared, CUstream stream, void** parameters, void** extra)
{
    CUresult status = enter("cuLaunchKernel", "%u x %u x %u blocks of %u x %u x %u, %u bytes", grid_x, grid_y, grid_z,
        block_x, block_y, block_z, shared);
    need_context();
    need_function(function);
    if (extra || !parameters)
        misuse("parameters are not given as kernelParams");
    struct operation launch = {
        .run = run_launch, .function = function,
        .grid = { grid_x, grid_y, grid_z }, .block = { block_x, block_y, block_z }, .shared = shared,
    };
    const char* types = known[function->kernel].parameters;
    for (int i = 0; types[i]; i++)
        memcpy(&launch.arguments[i], parameters[i], types[i] == 'p' ? 8 : 4);
    check_launch(&launch);
    note("  %s", known[function->kernel].name);
    if (status == SUCCESS)
        enqueue(stream, launch);
    return leave(status);
}
