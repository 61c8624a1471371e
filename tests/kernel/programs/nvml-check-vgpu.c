// SPDX-License-Identifier: GPL-2.0
/* vGPU types, time slicing, and the vGPU of a running VM. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "nvml-check.h"

#define MIG_BACKED 690
#define TIME_SLICED 685

static void check_type_texts(void)
{
	unsigned int size = 64, small = 4;
	char text[128];

	check("name", 0, CALL("nvmlVgpuTypeGetName", MIG_BACKED, text, &size));
	check_text("name's text", "NVIDIA A30-2-12C", text);
	check("name into 4 bytes", 7, CALL("nvmlVgpuTypeGetName", MIG_BACKED, text, &small));
	size = 64;
	check("class", 0, CALL("nvmlVgpuTypeGetClass", MIG_BACKED, text, &size));
	check_text("class's text", "Compute", text);
	check("licence", 0, CALL("nvmlVgpuTypeGetLicense", MIG_BACKED, text, 128));
	check_text("licence's text", "NVIDIA-vComputeServer,9.0", text);
	check("licence into 4 bytes", 7, CALL("nvmlVgpuTypeGetLicense", MIG_BACKED, text, 4));
}

static void check_type_numbers(handle device)
{
	struct max_per_instance most = { .version = 0x0100000c, .type = MIG_BACKED };
	unsigned int number = 9;
	unsigned long long bytes = 0;

	check("profile", 0, CALL("nvmlVgpuTypeGetGpuInstanceProfileId", MIG_BACKED, &number));
	check("2g.12gb", 5, number);
	check("profile of a time-sliced type", 0, CALL("nvmlVgpuTypeGetGpuInstanceProfileId", TIME_SLICED, &number));
	check("none", 0xffffffffL, number);
	check("frame buffer", 0, CALL("nvmlVgpuTypeGetFramebufferSize", MIG_BACKED, &bytes));
	check("12 GiB", 12288L << 20, bytes);
	check("most in an instance", 0, CALL("nvmlVgpuTypeGetMaxInstancesPerGpuInstance", &most));
	check("one", 1, most.count);
	most.version = 1;
	check("an unknown form", 25, CALL("nvmlVgpuTypeGetMaxInstancesPerGpuInstance", &most));
	check("most on the GPU", 0, CALL("nvmlVgpuTypeGetMaxInstances", device, TIME_SLICED, &number));
	check("four", 4, number);
	check("most in a VM", 0, CALL("nvmlVgpuTypeGetMaxInstancesPerVm", TIME_SLICED, &number));
	check("sixteen", 16, number);
	check("whether it must be alone", 0, CALL("nvmlVgpuTypeGetCapabilities", TIME_SLICED, 2, &number));
	check("no", 0, number);
	check("a capability that nobody knows", 2, CALL("nvmlVgpuTypeGetCapabilities", TIME_SLICED, 99, &number));
}

void check_types(handle device)
{
	unsigned int types[64], count = 0, wanted, creatable[64];

	check("number of types", 7, CALL("nvmlDeviceGetSupportedVgpus", device, &count, NULL));
	wanted = count;
	check("types", 0, CALL("nvmlDeviceGetSupportedVgpus", device, &count, types));
	check("as many", wanted, count);
	count = 64;
	check("creatable types", 0, CALL("nvmlDeviceGetCreatableVgpus", device, &count, creatable));
	check("none without functions", 0, count);
	check_type_texts();
	check_type_numbers(device);
	count = 0;
	check("no vGPU runs", 0, CALL("nvmlDeviceGetActiveVgpus", device, &count, NULL));
	check("no process runs", 0, CALL("nvmlDeviceGetComputeRunningProcesses_v3", device, &count, NULL));
}

static void check_scheduler(handle device)
{
	struct scheduler_limits limits = { 0 };
	struct scheduler_state scheduler = { 0 };
	struct scheduler_setting setting = { .policy = 2, .arr = 1, .parameters.plain.slice = 5000000 };

	check("scheduler's limits", 0, CALL("nvmlDeviceGetVgpuSchedulerCapabilities", device, &limits));
	check("longest slice", 30000000, limits.max_slice);
	check("lowest frequency", 63, limits.min_frequency);
	check("scheduler", 0, CALL("nvmlDeviceGetVgpuSchedulerState", device, &scheduler));
	check("best effort", 1, scheduler.policy);
	check("equal share", 0, CALL("nvmlDeviceSetVgpuSchedulerState", device, &setting));
	check("scheduler", 0, CALL("nvmlDeviceGetVgpuSchedulerState", device, &scheduler));
	check("equal share now", 2, scheduler.policy);
	check("its slice", 5000000, scheduler.parameters.plain.slice);
	setting.policy = 9;
	check("a policy that nobody knows", 2, CALL("nvmlDeviceSetVgpuSchedulerState", device, &setting));
	setting = (struct scheduler_setting){ .policy = 1 };
	check("best effort again", 0, CALL("nvmlDeviceSetVgpuSchedulerState", device, &setting));
}

void check_time_slicing(handle device)
{
	struct mixed_mode mixed = { .version = 0x01000008, .mode = 1 };
	unsigned int number = 9;

	check("whether it can mix sizes", 0, CALL("nvmlDeviceGetVgpuCapabilities", device, 2, &number));
	check("yes", 1, number);
	check("a capability of the GPU that nobody knows", 2, CALL("nvmlDeviceGetVgpuCapabilities", device, 99, &number));
	check_scheduler(device);
	check("mixed sizes on", 0, CALL("nvmlDeviceSetVgpuHeterogeneousMode", device, &mixed));
	mixed.mode = 9;
	check("mixed sizes", 0, CALL("nvmlDeviceGetVgpuHeterogeneousMode", device, &mixed));
	check("on", 1, mixed.mode);
	mixed.mode = 0;
	check("mixed sizes off", 0, CALL("nvmlDeviceSetVgpuHeterogeneousMode", device, &mixed));
	check("mixed sizes", 0, CALL("nvmlDeviceGetVgpuHeterogeneousMode", device, &mixed));
	check("off", 0, mixed.mode);
	mixed.version = 7;
	check("an unknown form", 25, CALL("nvmlDeviceGetVgpuHeterogeneousMode", device, &mixed));
}

static void check_guest(unsigned int vgpu)
{
	struct license license = { 0 };
	char text[96];

	check("licence of a guest without driver", 9, CALL("nvmlVgpuInstanceGetLicenseInfo_v2", vgpu, &license));
	check("driver of a guest without one", 0, CALL("nvmlVgpuInstanceGetVmDriverVersion", vgpu, text, 80));
	check_text("driver's text", "Not Available", text);
}

/* GPU TYPE INSTANCE VM-UUID MEDIATED-UUID, the latter "-" with the vendor's VFIO. */
void check_running(int count, char **arguments)
{
	unsigned int vgpu[8], number = 8, kind = 9;
	unsigned long long bytes = 0;
	char text[96];
	handle device = NULL;
	int status;

	check("arguments", 5, count);
	check("init", 0, CALL("nvmlInit_v2"));
	check("handle", 0, CALL("nvmlDeviceGetHandleByPciBusId_v2", arguments[0], &device));
	check("running vGPUs", 0, CALL("nvmlDeviceGetActiveVgpus", device, &number, vgpu));
	check("one", 1, number);
	check("its type", 0, CALL("nvmlVgpuInstanceGetType", vgpu[0], &number));
	check("the right one", atol(arguments[1]), number);
	check("its GPU instance", 0, CALL("nvmlVgpuInstanceGetGpuInstanceId", vgpu[0], &number));
	check("the right one", atol(arguments[2]), number);
	check("its VM", 0, CALL("nvmlVgpuInstanceGetVmID", vgpu[0], text, 80, &kind));
	check_text("the right one", arguments[3], text);
	check("named by a UUID", 1, kind);
	check("its VM into 4 bytes", 7, CALL("nvmlVgpuInstanceGetVmID", vgpu[0], text, 4, &kind));
	status = CALL("nvmlVgpuInstanceGetMdevUUID", vgpu[0], text, 80);
	check("its mediated device", arguments[4][0] == '-' ? 3 : 0, status);
	if (!status)
		check_text("the right one", arguments[4], text);
	check("its frame buffer", 0, CALL("nvmlVgpuInstanceGetFbUsage", vgpu[0], &bytes));
	check("12 GiB", 12288L << 20, bytes);
	check_guest(vgpu[0]);
	check("a vGPU that is none", 6, CALL("nvmlVgpuInstanceGetType", 1, &number));
	check("shutdown", 0, CALL("nvmlShutdown"));
}
