// SPDX-License-Identifier: GPL-2.0
/*
 * Holds the stand-in libnvidia-ml.so.1 against NVML's published struct layouts, and calls every function that the
 * product calls, on the GPU named first. Alone it wants GPUs without functions, and leaves MIG mode off; with more
 * arguments it looks at the one vGPU that runs. One line a check, exit code 1 when one failed.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "nvml-check.h"

static void *library;
int failures;

int (*find(const char *name))()
{
	int (*function)() = (int (*)())dlsym(library, name);

	if (!function) {
		printf("FAIL the library lacks %s\n", name);
		exit(1);
	}
	return function;
}

void check(const char *what, long wanted, long seen)
{
	if (wanted == seen)
		printf("ok %s\n", what);
	else
		printf("FAIL %s: %ld instead of %ld\n", what, seen, wanted);
	failures += wanted != seen;
}

void check_text(const char *what, const char *wanted, const char *seen)
{
	if (strcmp(wanted, seen)) {
		printf("FAIL %s: '%s' instead of '%s'\n", what, seen, wanted);
		failures++;
	} else {
		printf("ok %s\n", what);
	}
}

static handle check_device(char *bus_id)
{
	struct memory memory = { 0 };
	char text[96];
	handle device = NULL, again = NULL;

	check("init", 0, CALL("nvmlInit_v2"));
	check("driver version", 0, CALL("nvmlSystemGetDriverVersion", text, 80));
	check_text("driver version's text", "580.105.06", text);
	check("driver version into 4 bytes", 7, CALL("nvmlSystemGetDriverVersion", text, 4));
	check("handle by bus id", 0, CALL("nvmlDeviceGetHandleByPciBusId_v2", bus_id, &device));
	check("a bus id that is none", 6, CALL("nvmlDeviceGetHandleByPciBusId_v2", "0000:7f:00.0", &again));
	check("again", 0, CALL("nvmlDeviceGetHandleByPciBusId_v2", bus_id, &again));
	check("the same handle", (long)device, (long)again);
	check("UUID", 0, CALL("nvmlDeviceGetUUID", device, text, 96));
	check("GPU- and 36 characters", 40, strlen(text));
	check("name", 0, CALL("nvmlDeviceGetName", device, text, 96));
	check_text("name's text", "NVIDIA A30", text);
	check("memory", 0, CALL("nvmlDeviceGetMemoryInfo", device, &memory));
	check("24 GiB", 24576L << 20, memory.total);
	check("free and used", memory.total, memory.free + memory.used);
	return device;
}

static void check_profiles(handle device)
{
	struct gi_profile first = { 0 };
	struct gi_profile_v2 second = { .version = 0x02000098 };
	struct gi_profile_v3 third = { .version = 0x03000098 };
	unsigned int wrong[64] = { 0x09000098 };

	check("profile, first form", 0, CALL("nvmlDeviceGetGpuInstanceProfileInfo", device, 1, &first));
	check("its id", 5, first.id);
	check("its slices", 2, first.slices);
	check("its memory", 11968, first.memory_mib);
	check("profile, second form", 0, CALL("nvmlDeviceGetGpuInstanceProfileInfoV", device, 1, &second));
	check("its id", 5, second.id);
	check("its instances", 2, second.instances);
	check("its memory", 11968, second.memory_mib);
	check_text("its name", "MIG 2g.12gb", second.name);
	check("profile, third form", 0, CALL("nvmlDeviceGetGpuInstanceProfileInfoV", device, 1, &third));
	check("its id", 5, third.id);
	check("its SMs", 28, third.sms);
	check("its memory", 11968, third.memory_mib);
	check_text("its name", "MIG 2g.12gb", third.name);
	check("an unknown form", 2, CALL("nvmlDeviceGetGpuInstanceProfileInfoV", device, 1, wrong));
	check("a slot that the GPU lacks", 3, CALL("nvmlDeviceGetGpuInstanceProfileInfo", device, 2, &first));
	check("a slot that nobody knows", 2, CALL("nvmlDeviceGetGpuInstanceProfileInfo", device, 0x12, &first));
}

static void check_compute(handle instance)
{
	struct ci_profile first = { 0 };
	struct ci_profile_v2 second = { .version = 0x02000088 };
	struct ci_profile_v3 third = { .version = 0x0300008c };
	struct ci_info info = { 0 };
	handle compute = NULL, all[16] = { 0 };
	unsigned int count = 9;

	check("compute profile, first form", 0,
	      CALL("nvmlGpuInstanceGetComputeInstanceProfileInfo", instance, 1, 0, &first));
	check("its slices", 2, first.slices);
	check("compute profile, second form", 0,
	      CALL("nvmlGpuInstanceGetComputeInstanceProfileInfoV", instance, 1, 0, &second));
	check("its slices", 2, second.slices);
	check("compute profile, third form", 0,
	      CALL("nvmlGpuInstanceGetComputeInstanceProfileInfoV", instance, 1, 0, &third));
	check_text("both names", second.name, third.name);
	check("compute instance", 0, CALL("nvmlGpuInstanceCreateComputeInstance", instance, first.id, &compute));
	check("its info", 0, CALL("nvmlComputeInstanceGetInfo_v2", compute, &info));
	check("its profile", first.id, info.profile);
	check("its size", 2, info.placement.size);
	count = 16;
	check("all compute instances", 0, CALL("nvmlGpuInstanceGetComputeInstances", instance, first.id, all, &count));
	check("one", 1, count);
	check("that one", (long)compute, (long)all[0]);
	check("the GPU instance is in use", 19, CALL("nvmlGpuInstanceDestroy", instance));
	check("compute instance destroyed", 0, CALL("nvmlComputeInstanceDestroy", compute));
}

static void check_instances(handle device)
{
	struct placement places[16], second = { .start = 2, .size = 2 };
	struct gi_info info = { 0 };
	handle instance = NULL, all[16] = { 0 };
	unsigned int count = 0;

	check("number of placements", 0, CALL("nvmlDeviceGetGpuInstancePossiblePlacements_v2", device, 5, NULL, &count));
	check("two of them", 2, count);
	check("placements", 0, CALL("nvmlDeviceGetGpuInstancePossiblePlacements_v2", device, 5, places, &count));
	check("the second's start", 2, places[1].start);
	check("GPU instance", 0,
	      CALL("nvmlDeviceCreateGpuInstanceWithPlacement", device, 5, &second, &instance));
	check("no other there", 23, CALL("nvmlDeviceCreateGpuInstanceWithPlacement", device, 5, &second, &all[0]));
	count = 16;
	check("all instances", 0, CALL("nvmlDeviceGetGpuInstances", device, 5, all, &count));
	check("one", 1, count);
	check("that one", (long)instance, (long)all[0]);
	check("by its id", 0, CALL("nvmlDeviceGetGpuInstanceById", device, 2, &all[1]));
	check("the same", (long)instance, (long)all[1]);
	check("an id that is none", 6, CALL("nvmlDeviceGetGpuInstanceById", device, 1, &all[1]));
	check("its info", 0, CALL("nvmlGpuInstanceGetInfo", instance, &info));
	check("its id is that of the second half", 2, info.id);
	check("its start", 2, info.placement.start);
	check_compute(instance);
	check("GPU instance destroyed", 0, CALL("nvmlGpuInstanceDestroy", instance));
	check("it is gone", 6, CALL("nvmlGpuInstanceGetInfo", instance, &info));
}

int main(int count, char **arguments)
{
	unsigned int current = 9, pending = 9;
	int activation = 99;
	handle device;
	char text[80];

	library = dlopen("libnvidia-ml.so.1", RTLD_NOW);
	if (!library) {
		printf("FAIL %s\n", dlerror());
		return 1;
	}
	if (count < 2) {
		printf("FAIL no GPU was named\n");
		return 1;
	}
	if (count > 2) {
		check_running(count - 1, arguments + 1);
		return failures != 0;
	}
	device = check_device(arguments[1]);
	check_types(device);
	check_time_slicing(device);
	check_observing(device);
	check_migration(device);
	check("MIG mode on", 0, CALL("nvmlDeviceSetMigMode", device, 1, &activation));
	check("activated", 0, activation);
	check("the old handle is dead", 2, CALL("nvmlDeviceGetMigMode", device, &current, &pending));
	check("a new one", 0, CALL("nvmlDeviceGetHandleByPciBusId_v2", arguments[1], &device));
	check("MIG mode", 0, CALL("nvmlDeviceGetMigMode", device, &current, &pending));
	check("on", 1, current);
	check_profiles(device);
	check_instances(device);
	check("MIG mode off", 0, CALL("nvmlDeviceSetMigMode", device, 0, &activation));
	check("activated", 0, activation);
	check("shutdown", 0, CALL("nvmlShutdown"));
	check("nothing after it", 1, CALL("nvmlSystemGetDriverVersion", text, 80));
	return failures != 0;
}
