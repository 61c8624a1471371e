// SPDX-License-Identifier: GPL-2.0
/*
 * Holds the stand-in libnvidia-ml.so.1 against NVML's published struct layouts, written down here a second time: sizes
 * are those of facts/nvml.md 4, the fields lie where a C compiler puts them. Wants GPUs without functions; leaves MIG
 * mode off. One line a check, exit code 1 when one failed.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void *handle;

struct pci_info {
	char bus_id_legacy[16];
	unsigned int domain, bus, device, pci_device_id, pci_subsystem_id;
	char bus_id[32];
};
struct memory { unsigned long long total, free, used; };
struct placement { unsigned int start, size; };
struct gi_profile {
	unsigned int id, p2p, slices, instances, sms, copy, decoders, encoders, jpegs, ofas;
	unsigned long long memory_mib;
};
struct gi_profile_v2 {
	unsigned int version, id, p2p, slices, instances, sms, copy, decoders, encoders, jpegs, ofas;
	unsigned long long memory_mib;
	char name[96];
};
struct gi_profile_v3 {
	unsigned int version, id, slices, instances, sms, copy, decoders, encoders, jpegs, ofas;
	unsigned long long memory_mib;
	char name[96];
	unsigned int capabilities;
};
struct gi_info { handle device; unsigned int id, profile; struct placement placement; };
struct ci_profile { unsigned int id, slices, instances, sms, copy, decoders, encoders, jpegs, ofas; };
struct ci_profile_v2 {
	unsigned int version, id, slices, instances, sms, copy, decoders, encoders, jpegs, ofas;
	char name[96];
};
struct ci_profile_v3 {
	unsigned int version, id, slices, instances, sms, copy, decoders, encoders, jpegs, ofas;
	char name[96];
	unsigned int capabilities;
};
struct ci_info { handle device, instance; unsigned int id, profile; struct placement placement; };
struct mixed_mode { unsigned int version, mode; };
struct max_per_instance { unsigned int version, type, count; };
struct scheduler_state {
	unsigned int policy, arr;
	union { struct { unsigned int average, slice; } arr; struct { unsigned int slice; } plain; } parameters;
};
struct scheduler_limits {
	unsigned int policies[3], max_slice, min_slice, has_arr, max_frequency, min_frequency, max_average, min_average;
};

_Static_assert(sizeof(struct pci_info) == 68, "nvmlPciInfo_t");
_Static_assert(sizeof(struct memory) == 24, "nvmlMemory_t");
_Static_assert(sizeof(struct gi_profile) == 48, "nvmlGpuInstanceProfileInfo_t");
_Static_assert(sizeof(struct gi_profile_v2) == 0x98, "nvmlGpuInstanceProfileInfo_v2_t");
_Static_assert(sizeof(struct gi_profile_v3) == 0x98, "nvmlGpuInstanceProfileInfo_v3_t");
_Static_assert(sizeof(struct gi_info) == 24, "nvmlGpuInstanceInfo_t");
_Static_assert(sizeof(struct ci_profile) == 36, "nvmlComputeInstanceProfileInfo_t");
_Static_assert(sizeof(struct ci_profile_v2) == 0x88, "nvmlComputeInstanceProfileInfo_v2_t");
_Static_assert(sizeof(struct ci_profile_v3) == 0x8c, "nvmlComputeInstanceProfileInfo_v3_t");
_Static_assert(sizeof(struct ci_info) == 32, "nvmlComputeInstanceInfo_t");
_Static_assert(sizeof(struct scheduler_state) == 16, "nvmlVgpuSchedulerGetState_t");
_Static_assert(sizeof(struct scheduler_limits) == 40, "nvmlVgpuSchedulerCapabilities_t");

static void *library;
static int failures;

static int (*find(const char *name))()
{
	int (*function)() = (int (*)())dlsym(library, name);

	if (!function) {
		printf("FAIL the library lacks %s\n", name);
		exit(1);
	}
	return function;
}

#define CALL(name, ...) find(name)(__VA_ARGS__)

static void check(const char *what, long wanted, long seen)
{
	if (wanted == seen)
		printf("ok %s\n", what);
	else
		printf("FAIL %s: %ld instead of %ld\n", what, seen, wanted);
	failures += wanted != seen;
}

static void check_text(const char *what, const char *wanted, const char *seen)
{
	if (strcmp(wanted, seen)) {
		printf("FAIL %s: '%s' instead of '%s'\n", what, seen, wanted);
		failures++;
	} else {
		printf("ok %s\n", what);
	}
}

static handle check_device(void)
{
	struct pci_info pci = { 0 };
	struct memory memory = { 0 };
	unsigned int count = 0;
	char text[96];
	handle device = NULL, again = NULL;

	check("init", 0, CALL("nvmlInit_v2"));
	check("driver version", 0, CALL("nvmlSystemGetDriverVersion", text, 80));
	check_text("driver version's text", "580.105.06", text);
	check("driver version into 4 bytes", 7, CALL("nvmlSystemGetDriverVersion", text, 4));
	check("count", 0, CALL("nvmlDeviceGetCount_v2", &count));
	check("two GPUs", 2, count);
	check("handle by index", 0, CALL("nvmlDeviceGetHandleByIndex_v2", 0, &device));
	check("no third GPU", 2, CALL("nvmlDeviceGetHandleByIndex_v2", 2, &again));
	check("PCI identity", 0, CALL("nvmlDeviceGetPciInfo_v3", device, &pci));
	check("PCI device id", 0x20b710de, pci.pci_device_id);
	check("PCI subsystem id", 0x153210de, pci.pci_subsystem_id);
	check("handle by bus id", 0, CALL("nvmlDeviceGetHandleByPciBusId_v2", pci.bus_id, &again));
	check("the same handle", (long)device, (long)again);
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
	handle compute = NULL;

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
	check("its info", 0, CALL("nvmlGpuInstanceGetInfo", instance, &info));
	check("its id is that of the second half", 2, info.id);
	check("its start", 2, info.placement.start);
	check("room for one more", 0, CALL("nvmlDeviceGetGpuInstanceRemainingCapacity", device, 5, &count));
	check("one", 1, count);
	check_compute(instance);
	check("GPU instance destroyed", 0, CALL("nvmlGpuInstanceDestroy", instance));
	check("it is gone", 6, CALL("nvmlGpuInstanceGetInfo", instance, &info));
}

static void check_types(handle device)
{
	struct max_per_instance most = { .version = 0x0100000c, .type = 690 };
	struct scheduler_limits limits = { 0 };
	struct scheduler_state scheduler = { 0 };
	struct mixed_mode mixed = { .version = 0x01000008 };
	unsigned int types[64], count = 0, profile = 0, size = 64, wanted;
	unsigned long long bytes = 0;
	char text[128];

	check("number of types", 7, CALL("nvmlDeviceGetSupportedVgpus", device, &count, NULL));
	wanted = count;
	check("types", 0, CALL("nvmlDeviceGetSupportedVgpus", device, &count, types));
	check("as many", wanted, count);
	check("name", 0, CALL("nvmlVgpuTypeGetName", 690, text, &size));
	check_text("name's text", "NVIDIA A30-2-12C", text);
	check("profile", 0, CALL("nvmlVgpuTypeGetGpuInstanceProfileId", 690, &profile));
	check("2g.12gb", 5, profile);
	check("frame buffer", 0, CALL("nvmlVgpuTypeGetFramebufferSize", 690, &bytes));
	check("12 GiB", 12288L << 20, bytes);
	check("most in an instance", 0, CALL("nvmlVgpuTypeGetMaxInstancesPerGpuInstance", &most));
	check("one", 1, most.count);
	most.version = 1;
	check("an unknown form", 25, CALL("nvmlVgpuTypeGetMaxInstancesPerGpuInstance", &most));
	count = 0;
	check("no vGPU runs", 0, CALL("nvmlDeviceGetActiveVgpus", device, &count, NULL));
	check("scheduler's limits", 0, CALL("nvmlDeviceGetVgpuSchedulerCapabilities", device, &limits));
	check("longest slice", 30000000, limits.max_slice);
	check("lowest frequency", 63, limits.min_frequency);
	check("scheduler", 0, CALL("nvmlDeviceGetVgpuSchedulerState", device, &scheduler));
	check("best effort", 1, scheduler.policy);
	check("mixed sizes", 0, CALL("nvmlDeviceGetVgpuHeterogeneousMode", device, &mixed));
	check("off", 0, mixed.mode);
}

int main(void)
{
	unsigned int current = 9, pending = 9;
	int activation = 99;
	handle device;

	library = dlopen("libnvidia-ml.so.1", RTLD_NOW);
	if (!library) {
		printf("FAIL %s\n", dlerror());
		return 1;
	}
	device = check_device();
	check_types(device);
	check("MIG mode on", 0, CALL("nvmlDeviceSetMigMode", device, 1, &activation));
	check("activated", 0, activation);
	check("the old handle is dead", 2, CALL("nvmlDeviceGetMigMode", device, &current, &pending));
	check("a new one", 0, CALL("nvmlDeviceGetHandleByIndex_v2", 0, &device));
	check("MIG mode", 0, CALL("nvmlDeviceGetMigMode", device, &current, &pending));
	check("on", 1, current);
	check_profiles(device);
	check_instances(device);
	check("MIG mode off", 0, CALL("nvmlDeviceSetMigMode", device, 0, &activation));
	check("activated", 0, activation);
	check("shutdown", 0, CALL("nvmlShutdown"));
	check("nothing after it", 1, CALL("nvmlDeviceGetCount_v2", &current));
	return failures != 0;
}
