/* Streams and events of the stand-in. Operations wait in their stream until somebody waits for them. */
#include "standin.h"
#include <stdlib.h>
#include <time.h>

struct stream {
    struct stream* next;
    struct operation *first, *last;
};

struct event {
    unsigned flags;
    enum { NEVER, PENDING, DONE } state;
    struct stream* stream;
    struct timespec at;
};

static struct stream default_stream;
static struct stream* streams = &default_stream;

static struct stream* need_stream(CUstream stream)
{
    if (!stream)
        return &default_stream;
    handle_check("stream", stream);
    return stream;
}

void enqueue(CUstream to, struct operation operation)
{
    struct stream* stream = need_stream(to);
    struct operation* added = malloc(sizeof *added);
    *added = operation;
    added->next = NULL;
    if (stream->first)
        stream->last->next = added;
    else
        stream->first = added;
    stream->last = added;
}

static void drain_until(struct stream* stream, struct event* event)
{
    while (stream->first && !(event && event->state == DONE)) {
        struct operation* operation = stream->first;
        operation->run(operation);
        stream->first = operation->next;
        free(operation);
    }
}

void drain(CUstream stream)
{
    drain_until(need_stream(stream), NULL);
}

void drain_all(void)
{
    for (struct stream* each = streams; each; each = each->next)
        drain_until(each, NULL);
}

API CUresult cuStreamCreate(CUstream* stream, unsigned flags)
{
    CUresult status = enter("cuStreamCreate", "flags %u", flags);
    need_context();
    if (flags > 1)
        misuse("flags %u are unknown", flags);
    if (status == SUCCESS) {
        *stream = handle_new("stream", sizeof **stream);
        (*stream)->next = streams;
        streams = *stream;
    }
    return leave(status);
}

API CUresult cuStreamSynchronize(CUstream stream)
{
    CUresult status = enter("cuStreamSynchronize", "%p", (void*)stream);
    need_context();
    drain(stream);
    return leave(status);
}

API CUresult cuStreamDestroy_v2(CUstream stream)
{
    CUresult status = enter("cuStreamDestroy_v2", "%p", (void*)stream);
    need_context();
    handle_check("stream", stream);
    drain(stream);
    struct stream** place = &streams;
    while (*place != stream)
        place = &(*place)->next;
    *place = stream->next;
    handle_end("stream", stream);
    return leave(status);
}

API CUresult cuEventCreate(CUevent* event, unsigned flags)
{
    CUresult status = enter("cuEventCreate", "flags %u", flags);
    need_context();
    if (flags > 3)
        misuse("flags %u are unknown", flags);
    if (status == SUCCESS) {
        *event = handle_new("event", sizeof **event);
        (*event)->flags = flags;
    }
    return leave(status);
}

static void run_event(struct operation* operation)
{
    clock_gettime(CLOCK_MONOTONIC, &operation->event->at);
    operation->event->state = DONE;
}

API CUresult cuEventRecord(CUevent event, CUstream stream)
{
    CUresult status = enter("cuEventRecord", "%p", (void*)event);
    need_context();
    handle_check("event", event);
    struct stream* found = need_stream(stream);
    if (event->state == PENDING)
        misuse("the event was recorded, and nobody waited for it yet");
    if (status == SUCCESS) {
        event->state = PENDING;
        event->stream = found;
        enqueue(stream, (struct operation){ .run = run_event, .event = event });
    }
    return leave(status);
}

API CUresult cuEventSynchronize(CUevent event)
{
    CUresult status = enter("cuEventSynchronize", "%p", (void*)event);
    need_context();
    handle_check("event", event);
    if (event->state == NEVER)
        misuse("the event was never recorded");
    if (event->state == PENDING)
        drain_until(event->stream, event);
    return leave(status);
}

API CUresult cuEventElapsedTime(float* milliseconds, CUevent from, CUevent to)
{
    CUresult status = enter("cuEventElapsedTime", "%p, %p", (void*)from, (void*)to);
    need_context();
    handle_check("event", from);
    handle_check("event", to);
    if (from->state == NEVER || to->state == NEVER)
        misuse("an event was never recorded");
    if (from->state == PENDING || to->state == PENDING)
        misuse("nobody waited for an event");
    if ((from->flags | to->flags) & 2)
        misuse("an event was created without timing");
    if (status == SUCCESS)
        *milliseconds = (float)((double)(to->at.tv_sec - from->at.tv_sec) * 1e3
            + (double)(to->at.tv_nsec - from->at.tv_nsec) / 1e6);
    return leave(status);
}

API CUresult cuEventDestroy_v2(CUevent event)
{
    CUresult status = enter("cuEventDestroy_v2", "%p", (void*)event);
    need_context();
    handle_check("event", event);
    if (event->state == PENDING)
        drain_until(event->stream, event);
    handle_end("event", event);
    return leave(status);
}
