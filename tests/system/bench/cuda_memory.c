/* Memory of the stand-in: allocations between guard zones, filled with what is not a number. */
#include "standin.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define GUARD 256
#define GUARD_BYTE 0xC5

static struct allocation* allocations;
static size_t on_device_bytes;

struct allocation* find_allocation(const void* start, size_t bytes, int on_device)
{
    uintptr_t first = (uintptr_t)start;
    for (struct allocation* each = allocations; each; each = each->next) {
        uintptr_t begin = (uintptr_t)each->start;
        if (each->on_device == on_device && first >= begin && first - begin <= each->bytes
            && bytes <= each->bytes - (first - begin))
            return each;
    }
    return NULL;
}

void need_memory(const char* what, const void* start, size_t bytes, int on_device)
{
    if (!find_allocation(start, bytes, on_device))
        misuse("%s, %zu bytes at %p, are not within one %s allocation", what, bytes, start,
            on_device ? "device" : "pinned host");
}

size_t allocations_left(size_t* bytes)
{
    size_t count = 0;
    *bytes = 0;
    for (struct allocation* each = allocations; each; each = each->next, count++)
        *bytes += each->bytes;
    return count;
}

static CUresult allocate(void** start, size_t bytes, int on_device)
{
    if (bytes == 0)
        return INVALID_VALUE;
    if (on_device && bytes > settings.memory - on_device_bytes)
        return OUT_OF_MEMORY;
    char* zone;
    if (bytes > SIZE_MAX / 2 || posix_memalign((void**)&zone, 4096, bytes + 4096 + GUARD) != 0)
        return OUT_OF_MEMORY;
    struct allocation* made = malloc(sizeof *made);
    *made = (struct allocation){ allocations, zone + 4096, bytes, on_device };
    allocations = made;
    memset(zone, GUARD_BYTE, 4096);
    memset(made->start, 0xFF, bytes);
    memset(made->start + bytes, GUARD_BYTE, GUARD);
    on_device_bytes += on_device ? bytes : 0;
    *start = made->start;
    return SUCCESS;
}

static void release(void* start, int on_device)
{
    drain_all();
    struct allocation** place = &allocations;
    while (*place && ((*place)->start != start || (*place)->on_device != on_device))
        place = &(*place)->next;
    struct allocation* ended = *place;
    if (!ended)
        misuse("%p is no %s allocation, or one that is released", start, on_device ? "device" : "pinned host");
    for (size_t i = 0; i < GUARD; i++)
        if ((unsigned char)ended->start[ended->bytes + i] != GUARD_BYTE
            || (unsigned char)ended->start[-1 - (long)i] != GUARD_BYTE)
            misuse("something was written beside the %zu bytes at %p", ended->bytes, start);
    *place = ended->next;
    on_device_bytes -= on_device ? ended->bytes : 0;
    free(ended->start - 4096);
    free(ended);
}

API CUresult cuMemAlloc_v2(CUdeviceptr* pointer, size_t bytes)
{
    CUresult status = enter("cuMemAlloc_v2", "%zu bytes", bytes);
    need_context();
    void* start = NULL;
    if (status == SUCCESS && (status = allocate(&start, bytes, 1)) == SUCCESS)
        *pointer = (uintptr_t)start;
    return leave(status);
}

API CUresult cuMemFree_v2(CUdeviceptr pointer)
{
    CUresult status = enter("cuMemFree_v2", "%#llx", pointer);
    need_context();
    if (pointer != 0)
        release((void*)(uintptr_t)pointer, 1);
    return leave(status);
}

API CUresult cuMemAllocHost_v2(void** pointer, size_t bytes)
{
    CUresult status = enter("cuMemAllocHost_v2", "%zu bytes", bytes);
    need_context();
    if (status == SUCCESS)
        status = allocate(pointer, bytes, 0);
    return leave(status);
}

API CUresult cuMemFreeHost(void* pointer)
{
    CUresult status = enter("cuMemFreeHost", "%p", pointer);
    need_context();
    release(pointer, 0);
    return leave(status);
}

static void run_copy(struct operation* operation)
{
    static const char* const directions[] = { "h2h", "d2h", "h2d", "d2d" };
    memcpy(operation->to, operation->from, operation->bytes);
    if (strcmp(settings.wrong, directions[operation->value]) == 0)
        ((char*)operation->to)[operation->bytes - 1] ^= 1;
}

static void run_set(struct operation* operation)
{
    for (size_t i = 0; i < operation->bytes / 4; i++)
        ((unsigned*)operation->to)[i] = operation->value;
}

API CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count, CUstream stream)
{
    CUresult status = enter("cuMemsetD32Async", "%#llx, %#x, %zu words", to, value, count);
    need_context();
    need_memory("the words", (void*)(uintptr_t)to, count * 4, 1);
    if (to % 4 != 0)
        misuse("%#llx is not aligned to 4 bytes", to);
    if (status == SUCCESS)
        enqueue(stream, (struct operation){
            .run = run_set, .to = (void*)(uintptr_t)to, .bytes = count * 4, .value = value,
        });
    return leave(status);
}

static CUresult copy(CUresult status, void* to, int to_device, const void* from, int from_device, size_t bytes,
    CUstream stream)
{
    need_context();
    int pageable = 0;
    if (to_device)
        need_memory("the target", to, bytes, 1);
    else
        pageable = !find_allocation(to, bytes, 0);
    if (from_device)
        need_memory("the source", from, bytes, 1);
    else
        pageable |= !find_allocation(from, bytes, 0);
    if (to_device && from_device && (const char*)from < (char*)to + bytes && (char*)to < (const char*)from + bytes)
        misuse("source and target overlap");
    if (find_allocation(to, 1, 1) && !to_device)
        misuse("the target on the host is a device pointer");
    if (find_allocation(from, 1, 1) && !from_device)
        misuse("the source on the host is a device pointer");
    if (status != SUCCESS)
        return leave(status);
    enqueue(stream, (struct operation){
        .run = run_copy, .to = to, .from = from, .bytes = bytes, .value = 2 * to_device + from_device,
    });
    if (pageable) {
        /* The real library does not return before it is done with such memory. */
        note("host memory is not pinned");
        drain(stream);
    }
    return leave(SUCCESS);
}

API CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream stream)
{
    CUresult status = enter("cuMemcpyHtoDAsync_v2", "%#llx, %p, %zu bytes", to, from, bytes);
    return copy(status, (void*)(uintptr_t)to, 1, from, 0, bytes, stream);
}

API CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream stream)
{
    CUresult status = enter("cuMemcpyDtoHAsync_v2", "%p, %#llx, %zu bytes", to, from, bytes);
    return copy(status, to, 0, (void*)(uintptr_t)from, 1, bytes, stream);
}

API CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream)
{
    CUresult status = enter("cuMemcpyDtoDAsync_v2", "%#llx, %#llx, %zu bytes", to, from, bytes);
    return copy(status, (void*)(uintptr_t)to, 1, (void*)(uintptr_t)from, 1, bytes, stream);
}
