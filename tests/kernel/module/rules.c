// SPDX-License-Identifier: GPL-2.0
/* What the driver lets be created: facts/host-behaviour.md 1.5. Callers hold standin_lock. */
#include <linux/kernel.h>
#include <linux/slab.h>
#include "standin.h"

#define MAX_TIME_SLICED 32

static u32 next_handle = 3251634000u;

const struct vgpu_type *standin_find_type(u32 id)
{
	unsigned int i;

	for (i = 0; i < standin_type_count; i++)
		if (standin_types[i].id == id)
			return &standin_types[i];
	return NULL;
}

/* The lowest GPU instance of the type's profile with room; one instance takes one frame buffer size. */
static struct gpu_instance *choose_instance(struct gpu *gpu, const struct vgpu_type *type)
{
	struct gpu_instance *best = NULL;
	unsigned int i;

	for (i = 0; i < gpu->count; i++) {
		struct gpu_instance *instance = &gpu->instances[i];
		struct function *other;
		unsigned int inside = 0;
		bool same_size = true;

		if (instance->profile != type->profile)
			continue;
		list_for_each_entry(other, &standin_functions, link) {
			if (other->gpu != gpu || !other->type || other->instance != instance->id)
				continue;
			inside++;
			if (other->type->framebuffer_mib != type->framebuffer_mib)
				same_size = false;
		}
		if (inside < type->per_instance && same_size && (!best || instance->id < best->id))
			best = instance;
	}
	return best;
}

static bool has_time_sliced_room(struct gpu *gpu, const struct vgpu_type *type)
{
	struct function *other;
	unsigned int all = 0, own = 0, i;
	u32 used = 0, total = 0;
	bool same_size = true;

	list_for_each_entry(other, &standin_functions, link) {
		if (other->gpu != gpu || !other->type)
			continue;
		all++;
		used += other->type->framebuffer_mib;
		if (other->type == type)
			own++;
		if (other->type->framebuffer_mib != type->framebuffer_mib)
			same_size = false;
	}
	if (all >= MAX_TIME_SLICED)
		return false;
	if (!gpu->mixed)
		return same_size && all < type->max;
	for (i = 0; i < standin_type_count; i++)
		if (standin_types[i].profile < 0)
			total = max(total, standin_types[i].framebuffer_mib);
	return own < type->max_mixed && used + type->framebuffer_mib <= total;
}

static bool has_room(struct gpu *gpu, const struct vgpu_type *type)
{
	if (!gpu->bound || gpu->mig != (type->profile >= 0))
		return false;
	return gpu->mig ? choose_instance(gpu, type) != NULL : has_time_sliced_room(gpu, type);
}

bool standin_can_create(struct function *function, const struct vgpu_type *type)
{
	return !function->type && has_room(function->gpu, type);
}

static int refuse(struct function *function, int status, int error)
{
	pr_err("NVRM: Failed to add vgpu create request: 0x%x (%s)\n", status, pci_name(function->pdev));
	return error;
}

/* Which errno NVIDIA's driver gives is not known: EIO for a wrong state was seen, ENOSPC for no room is assumed. */
int standin_create(struct function *function, const struct vgpu_type *type)
{
	struct gpu *gpu = function->gpu;

	if (refuse_create)
		return -refuse_create;
	if (function->type)
		return refuse(function, NV_INVALID_OPERATION, -EIO);
	if (!has_room(gpu, type)) {
		bool wrong_state = gpu->mig || type->profile >= 0;

		return refuse(function, wrong_state ? NV_INVALID_OPERATION : NV_NO_ROOM, -EIO);
	}
	function->instance = gpu->mig ? choose_instance(gpu, type)->id : NO_INSTANCE;
	function->type = type;
	function->handle = next_handle++;
	function->params[0] = 0;
	return 0;
}

/* A process opens the vGPU: what it starts with is what is set now (facts/host-behaviour.md 1.6). */
void standin_hold(struct function *function)
{
	function->holder = current->tgid;
	strscpy(function->active, function->params, sizeof(function->active));
}

static bool is_param(const char *item)
{
	static const char * const switches[] = {
		"enable_uvm=", "enable_profiling=", "enable_debugging=", "frame_rate_limiter=", "disable_vnc=",
	};
	static const char placement[] = "vgpu-placement-id=";
	unsigned int i;
	u16 id;

	for (i = 0; i < ARRAY_SIZE(switches); i++) {
		size_t length = strlen(switches[i]);

		if (!strncmp(item, switches[i], length))
			return !strcmp(item + length, "0") || !strcmp(item + length, "1");
	}
	return !strncmp(item, placement, strlen(placement)) && !kstrtou16(item + strlen(placement), 10, &id);
}

/* Names and values are looked at when they are written: assumed, as is the errno. A blank clears. */
ssize_t standin_set_params(struct function *function, const char *text, size_t length)
{
	char *copy = kstrdup(text, GFP_KERNEL), *rest, *item;
	bool good = true;

	if (!copy)
		return -ENOMEM;
	rest = strim(copy);
	if (strlen(rest) < sizeof(function->params))
		strscpy(function->next, rest, sizeof(function->next));
	else
		good = false;
	if (!*rest)
		rest = NULL;
	while (good && (item = strsep(&rest, ",")) != NULL)
		good = is_param(item);
	kfree(copy);
	if (!good)
		return -EINVAL;
	strscpy(function->params, function->next, sizeof(function->params));
	return length;
}

void standin_destroy(struct function *function)
{
	function->params[0] = 0;
	function->type = NULL;
	function->is_mediated = false;
}
