/* Settings, log, injected errors, handles, and the devices of the stand-in. */
#include "standin.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings settings;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static FILE* call_log;
static const char* current_call = "the end";
static int initialised;

struct handle {
    struct handle* next;
    const char* kind;
    long long body[];
};
static struct handle* handles;

struct context { int unused; };
static struct context primary[64];
static int retained[64];
static __thread CUcontext current;

void misuse(const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "libcuda stand-in: misuse: %s: ", current_call);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    _exit(99);
}

void note(const char* format, ...)
{
    if (!call_log)
        return;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(call_log, format, arguments);
    va_end(arguments);
    fputc('\n', call_log);
    fflush(call_log);
}

static const char* setting(const char* name, const char* otherwise)
{
    const char* value = getenv(name);
    return value && *value ? value : otherwise;
}

static void read_settings(void)
{
    static int done;
    if (done++)
        return;
    const char* devices = setting("VGPU_STANDIN_DEVICES", "1");
    settings.devices = atoi(devices);
    settings.init_status = settings.devices == 0 && strcmp(devices, "empty") != 0 ? NO_DEVICE : SUCCESS;
    settings.name = setting("VGPU_STANDIN_NAME", "NVIDIA A30-6C");
    settings.multiprocessors = atoi(setting("VGPU_STANDIN_SMS", "56"));
    settings.clock_khz = atoi(setting("VGPU_STANDIN_CLOCK", "1440000"));
    settings.driver = atoi(setting("VGPU_STANDIN_DRIVER", "12040"));
    settings.memory = strtoull(setting("VGPU_STANDIN_MEMORY", "6144"), NULL, 10) << 20;
    settings.emulate = strtoull(setting("VGPU_STANDIN_EMULATE", "16777216"), NULL, 10);
    settings.fail = setting("VGPU_STANDIN_FAIL", "");
    settings.wrong = setting("VGPU_STANDIN_WRONG", "");
    if (sscanf(setting("VGPU_STANDIN_COMPUTE", "8.0"), "%d.%d", &settings.compute_major, &settings.compute_minor) != 2
        || settings.devices < 0 || settings.devices > 64)
        misuse("VGPU_STANDIN_COMPUTE or VGPU_STANDIN_DEVICES is not understood");
    const char* file = setting("VGPU_STANDIN_LOG", "");
    if (*file && !(call_log = fopen(file, "a")))
        misuse("VGPU_STANDIN_LOG=%s cannot be opened", file);
}

/* The status that VGPU_STANDIN_FAIL names for this time of this call. */
static CUresult injected(const char* call)
{
    static struct { const char* call; int count; } counts[64];
    int i = 0;
    while (counts[i].call && strcmp(counts[i].call, call) != 0)
        i++;
    counts[i].call = call;
    int count = ++counts[i].count;
    size_t length = strlen(call);
    for (const char* part = settings.fail; *part; part += strcspn(part, ","), part += *part == ',') {
        if (strncmp(part, call, length) != 0 || part[length] != ':')
            continue;
        const char* what = part + length + 1;
        const char* at = memchr(what, '@', strcspn(what, ","));
        if (at && atoi(at + 1) != count)
            continue;
        if (strncmp(what, "hang", 4) == 0) {
            note("%s hangs", call);
            pthread_mutex_unlock(&lock);
            for (;;)
                pause();
        }
        return atoi(what);
    }
    return SUCCESS;
}

CUresult enter(const char* call, const char* format, ...)
{
    pthread_mutex_lock(&lock);
    current_call = call;
    read_settings();
    if (call_log) {
        va_list arguments;
        va_start(arguments, format);
        fprintf(call_log, "%s ", call);
        vfprintf(call_log, format, arguments);
        va_end(arguments);
        fputc('\n', call_log);
        fflush(call_log);
    }
    return injected(call);
}

CUresult leave(CUresult status)
{
    if (status != SUCCESS)
        note("= %d", status);
    current_call = "the end";
    pthread_mutex_unlock(&lock);
    return status;
}

void need_init(void)
{
    if (!initialised)
        misuse("before cuInit");
}

void need_context(void)
{
    need_init();
    if (!current)
        misuse("no context is current on this thread");
    if (retained[current - primary] == 0)
        misuse("the current context is released");
}

void need_device(CUdevice device)
{
    need_init();
    if (device < 0 || device >= settings.devices)
        misuse("device %d was not given by cuDeviceGet", device);
}

void* handle_new(const char* kind, size_t bytes)
{
    struct handle* handle = calloc(1, sizeof *handle + bytes);
    handle->kind = kind;
    handle->next = handles;
    handles = handle;
    return handle->body;
}

static struct handle** handle_place(const char* kind, const void* body)
{
    struct handle** place = &handles;
    while (*place && (*place)->body != body)
        place = &(*place)->next;
    if (!*place || strcmp((*place)->kind, kind) != 0)
        misuse("%p is no %s, or one that is released", body, kind);
    return place;
}

void handle_check(const char* kind, const void* handle)
{
    handle_place(kind, handle);
}

void handle_end(const char* kind, void* handle)
{
    struct handle** place = handle_place(kind, handle);
    struct handle* ended = *place;
    *place = ended->next;
    free(ended);
}

static void __attribute__((destructor)) at_exit(void)
{
    size_t bytes, allocations = allocations_left(&bytes);
    if (allocations > 0)
        misuse("%zu allocations are left, %zu bytes", allocations, bytes);
    if (handles)
        misuse("a %s is left", handles->kind);
    for (int i = 0; i < 64; i++)
        if (retained[i] > 0)
            misuse("the context of device %d is left, %d times", i, retained[i]);
}

API CUresult cuInit(unsigned flags)
{
    CUresult status = enter("cuInit", "%u", flags);
    if (flags != 0)
        misuse("flags are %u, not 0", flags);
    if (status == SUCCESS)
        status = settings.init_status;
    initialised |= status == SUCCESS;
    return leave(status);
}

API CUresult cuDriverGetVersion(int* version)
{
    CUresult status = enter("cuDriverGetVersion", "%s", "");
    if (status == SUCCESS)
        *version = settings.driver;
    return leave(status);
}

API CUresult cuDeviceGetCount(int* count)
{
    CUresult status = enter("cuDeviceGetCount", "%s", "");
    need_init();
    if (status == SUCCESS)
        *count = settings.devices;
    return leave(status);
}

API CUresult cuDeviceGet(CUdevice* device, int ordinal)
{
    CUresult status = enter("cuDeviceGet", "%d", ordinal);
    need_init();
    if (status == SUCCESS && (ordinal < 0 || ordinal >= settings.devices))
        status = INVALID_DEVICE;
    if (status == SUCCESS)
        *device = ordinal;
    return leave(status);
}

API CUresult cuDeviceGetName(char* name, int length, CUdevice device)
{
    CUresult status = enter("cuDeviceGetName", "%d bytes, device %d", length, device);
    need_device(device);
    if (length < 1)
        misuse("a buffer of %d bytes", length);
    if (status == SUCCESS)
        snprintf(name, length, "%s", settings.name);
    return leave(status);
}

API CUresult cuDeviceGetUuid_v2(CUuuid* uuid, CUdevice device)
{
    CUresult status = enter("cuDeviceGetUuid_v2", "device %d", device);
    need_device(device);
    for (int i = 0; status == SUCCESS && i < 16; i++)
        uuid->bytes[i] = (char)(0xa0 + 16 * device + i);
    return leave(status);
}

API CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice device)
{
    CUresult status = enter("cuDeviceGetAttribute", "%d, device %d", attribute, device);
    need_device(device);
    if (status != SUCCESS)
        return leave(status);
    switch (attribute) {
    case 1: *value = 1024; break;
    case 8: *value = 49152; break;
    case 10: *value = 32; break;
    case 13: *value = settings.clock_khz; break;
    case 16: *value = settings.multiprocessors; break;
    case 36: *value = 1215000; break;
    case 37: *value = 3072; break;
    case 75: *value = settings.compute_major; break;
    case 76: *value = settings.compute_minor; break;
    case 97: *value = 166912; break;
    default: status = INVALID_VALUE;
    }
    return leave(status);
}

API CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice device)
{
    CUresult status = enter("cuDeviceTotalMem_v2", "device %d", device);
    need_device(device);
    if (status == SUCCESS)
        *bytes = settings.memory;
    return leave(status);
}

API CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device)
{
    CUresult status = enter("cuDevicePrimaryCtxRetain", "device %d", device);
    need_device(device);
    if (status == SUCCESS) {
        retained[device]++;
        *context = &primary[device];
    }
    return leave(status);
}

API CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device)
{
    CUresult status = enter("cuDevicePrimaryCtxRelease_v2", "device %d", device);
    need_device(device);
    if (retained[device] == 0)
        misuse("the context of device %d is not retained", device);
    drain_all();
    retained[device]--;
    return leave(status);
}

API CUresult cuCtxSetCurrent(CUcontext context)
{
    CUresult status = enter("cuCtxSetCurrent", "%s", context ? "a context" : "none");
    need_init();
    if (context && (context < primary || context >= primary + 64 || retained[context - primary] == 0))
        misuse("%p is no context that is retained", (void*)context);
    if (status == SUCCESS)
        current = context;
    return leave(status);
}

static const struct { CUresult status; const char *name, *text; } errors[] = {
    { 0, "CUDA_SUCCESS", "no error" },
    { 1, "CUDA_ERROR_INVALID_VALUE", "invalid argument" },
    { 2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory" },
    { 3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error" },
    { 35, "CUDA_ERROR_INSUFFICIENT_DRIVER", "CUDA driver version is insufficient for CUDA runtime version" },
    { 46, "CUDA_ERROR_DEVICE_UNAVAILABLE", "CUDA-capable device(s) is/are busy or unavailable" },
    { 100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected" },
    { 101, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal" },
    { 201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context" },
    { 209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device" },
    { 218, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed" },
    { 222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain." },
    { 304, "CUDA_ERROR_OPERATING_SYSTEM", "OS call failed or operation not supported on this OS" },
    { 400, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle" },
    { 500, "CUDA_ERROR_NOT_FOUND", "named symbol not found" },
    { 600, "CUDA_ERROR_NOT_READY", "device not ready" },
    { 700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered" },
    { 719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure" },
    { 802, "CUDA_ERROR_SYSTEM_NOT_READY", "system not yet initialized" },
    { 803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "system has unsupported display driver / cuda driver combination" },
    { 999, "CUDA_ERROR_UNKNOWN", "unknown error" },
};

static CUresult error_text(const char* call, CUresult status, const char** text, int name)
{
    CUresult result = enter(call, "%d", status);
    *text = NULL;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].status == status)
            *text = name ? errors[i].name : errors[i].text;
    return leave(result != SUCCESS ? result : *text ? SUCCESS : INVALID_VALUE);
}

API CUresult cuGetErrorString(CUresult status, const char** text)
{
    return error_text("cuGetErrorString", status, text, 0);
}

API CUresult cuGetErrorName(CUresult status, const char** text)
{
    return error_text("cuGetErrorName", status, text, 1);
}
