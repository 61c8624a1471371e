/* SPDX-License-Identifier: GPL-2.0 */
/* Layouts of what is measured: facts/metrics.md A.4 and facts/nvml.md 4, written down here a second time. */
#ifndef NVML_CHECK_OBSERVE_H
#define NVML_CHECK_OBSERVE_H

struct rates { unsigned int gpu, memory; };
struct temperature { unsigned int version, sensor; int celsius; };
union value { double d; unsigned int ui; unsigned long long ull; };
struct field {
	unsigned int id, scope;
	long long time, latency;
	unsigned int type;
	int status;
	union value value;
};
struct load { unsigned int vgpu; unsigned long long time; union value sm, memory, encoder, decoder; };
struct load_v1 { unsigned long long time; unsigned int vgpu; union value sm, memory, encoder, decoder, jpeg, ofa; };
struct loads { unsigned int version, type, count; unsigned long long since; struct load_v1 *all; };
struct capture { unsigned int sessions, fps, latency; };
struct log_entry {
	unsigned long long time, total, run;
	unsigned int runlist;
	unsigned long long target, preempted;
};
struct scheduler_log {
	unsigned int engine, policy, arr, parameters[2], count;
	struct log_entry entries[200];
};
struct gpm_support { unsigned int version, is_supported; };
struct gpm_metric { unsigned int id; int status; double value; char *names[3]; };
struct gpm_metrics { unsigned int version, count; handle first, second; struct gpm_metric metrics[333]; };

_Static_assert(sizeof(struct temperature) == 12, "nvmlTemperature_v1_t");
_Static_assert(sizeof(struct field) == 40, "nvmlFieldValue_t");
_Static_assert(sizeof(struct load) == 48, "nvmlVgpuInstanceUtilizationSample_t");
_Static_assert(sizeof(struct load_v1) == 64, "nvmlVgpuInstanceUtilizationInfo_v1_t");
_Static_assert(sizeof(struct loads) == 32, "nvmlVgpuInstancesUtilizationInfo_v1_t");
_Static_assert(sizeof(struct log_entry) == 48, "nvmlVgpuSchedulerLogEntry_t");
_Static_assert(sizeof(struct scheduler_log) == 9624, "nvmlVgpuSchedulerLog_t");
_Static_assert(sizeof(struct gpm_metric) == 40, "nvmlGpmMetric_t");
_Static_assert(sizeof(struct gpm_metrics) == 13344, "nvmlGpmMetricsGet_t");

#endif
