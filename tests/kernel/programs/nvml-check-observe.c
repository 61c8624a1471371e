// SPDX-License-Identifier: GPL-2.0
/* What the driver measures of an idle A30 with MIG mode off. */
#include <stdio.h>
#include <string.h>
#include "nvml-check.h"
#include "nvml-check-observe.h"

static struct scheduler_log scheduler_log;
static struct gpm_metrics gpm_metrics;

static void check_numbers(handle device)
{
	struct rates rates = { 9, 9 };
	struct temperature temperature = { .version = 0x0100000c };
	unsigned int number = 9, period = 9;
	unsigned long long large = 9;

	check("load", 0, CALL("nvmlDeviceGetUtilizationRates", device, &rates));
	check("idle", 0, rates.gpu + rates.memory);
	check("encoder", 0, CALL("nvmlDeviceGetEncoderUtilization", device, &number, &period));
	check("idle", 0, number);
	check("decoder", 0, CALL("nvmlDeviceGetDecoderUtilization", device, &number, &period));
	check("idle", 0, number);
	check("power", 0, CALL("nvmlDeviceGetPowerUsage", device, &number));
	check("in milliwatts", 30250, number);
	check("power limit", 0, CALL("nvmlDeviceGetEnforcedPowerLimit", device, &number));
	check("in milliwatts", 165000, number);
	check("energy", 0, CALL("nvmlDeviceGetTotalEnergyConsumption", device, &large));
	check("temperature", 0, CALL("nvmlDeviceGetTemperatureV", device, &temperature));
	check("of an idle GPU", 34, temperature.celsius);
	temperature.version = 7;
	check("an unknown form", 25, CALL("nvmlDeviceGetTemperatureV", device, &temperature));
	check("temperature, first form", 0, CALL("nvmlDeviceGetTemperature", device, 0, &number));
	check("the same", 34, number);
	check("clock", 0, CALL("nvmlDeviceGetClockInfo", device, 1, &number));
	check("of an idle GPU", 210, number);
	check("a clock that nobody knows", 2, CALL("nvmlDeviceGetClockInfo", device, 9, &number));
	check("state", 0, CALL("nvmlDeviceGetPerformanceState", device, &number));
	check("reasons", 0, CALL("nvmlDeviceGetCurrentClocksEventReasons", device, &large));
	check("idle", 1, large);
	check("reasons, first form", 0, CALL("nvmlDeviceGetCurrentClocksThrottleReasons", device, &large));
	check("idle", 1, large);
	check("replays", 0, CALL("nvmlDeviceGetPcieReplayCounter", device, &number));
	check("none", 0, number);
	check("errors", 0, CALL("nvmlDeviceGetTotalEccErrors", device, 1, 1, &large));
	check("none", 0, large);
}

static void check_fields(handle device)
{
	struct field fields[2] = { { .id = 82 }, { .id = 9999 } };

	check("fields", 0, CALL("nvmlDeviceGetFieldValues", device, 2, fields));
	check("one is there", 0, fields[0].status);
	check("the memory's temperature", 38, fields[0].value.ull);
	check("one is not", 3, fields[1].status);
}

static void check_vgpus(handle device)
{
	struct load_v1 all[8];
	struct loads loads = { .version = 0x01000020, .count = 8, .all = all };
	struct load samples[8];
	struct capture capture;
	unsigned int count = 8, type = 9, number[3];

	check("loads", 0, CALL("nvmlDeviceGetVgpuInstancesUtilizationInfo", device, &loads));
	check("of no vGPU", 0, loads.count);
	loads.version = 7;
	check("an unknown form", 25, CALL("nvmlDeviceGetVgpuInstancesUtilizationInfo", device, &loads));
	check("loads, first form", 0, CALL("nvmlDeviceGetVgpuUtilization", device, 0ULL, &type, &count, samples));
	check("of no vGPU", 0, count);
	check("encoder of a vGPU that is none", 6,
		CALL("nvmlVgpuInstanceGetEncoderStats", 1, &number[0], &number[1], &number[2]));
	check("capture of a vGPU that is none", 6, CALL("nvmlVgpuInstanceGetFBCStats", 1, &capture));
	scheduler_log.engine = 1;
	check("the scheduler's log", 0, CALL("nvmlDeviceGetVgpuSchedulerLog", device, &scheduler_log));
	check("nothing under best effort", 0, scheduler_log.count);
}

static void check_counters(handle device)
{
	struct gpm_support support = { .version = 1, .is_supported = 9 };

	check("counters", 0, CALL("nvmlGpmQueryDeviceSupport", device, &support));
	check("not on an A30", 0, support.is_supported);
	check("a sample", 0, CALL("nvmlGpmSampleAlloc", &gpm_metrics.first));
	check("another one", 0, CALL("nvmlGpmSampleAlloc", &gpm_metrics.second));
	check("taken of the GPU", 3, CALL("nvmlGpmSampleGet", device, gpm_metrics.first));
	check("taken of an instance", 3, CALL("nvmlGpmMigSampleGet", device, 1, gpm_metrics.second));
	gpm_metrics.version = 1;
	gpm_metrics.count = 1;
	gpm_metrics.metrics[0].id = 1;
	check("figures of nothing", 2, CALL("nvmlGpmMetricsGet", &gpm_metrics));
	check("the sample is freed", 0, CALL("nvmlGpmSampleFree", gpm_metrics.first));
	check("and the other one", 0, CALL("nvmlGpmSampleFree", gpm_metrics.second));
}

void check_observing(handle device)
{
	check_numbers(device);
	check_fields(device);
	check_vgpus(device);
	check_counters(device);
}
