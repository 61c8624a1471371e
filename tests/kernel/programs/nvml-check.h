/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NVML's published struct layouts, written down here a second time: sizes are those of facts/nvml.md 4, the fields lie
 * where a C compiler puts them. And what the checks of the stand-in library share.
 */
#ifndef NVML_CHECK_H
#define NVML_CHECK_H

typedef void *handle;

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
struct process { unsigned int pid; unsigned long long memory; unsigned int instance, compute; };
struct license_expiry { unsigned int year; unsigned short month, day, hour, min, sec; unsigned char status; };
struct license { unsigned char is_licensed; struct license_expiry expiry; unsigned int state; };
struct max_per_instance { unsigned int version, type, count; };
struct scheduler_state {
	unsigned int policy, arr;
	union { struct { unsigned int average, slice; } arr; struct { unsigned int slice; } plain; } parameters;
};
struct scheduler_setting {
	unsigned int policy, arr;
	union { struct { unsigned int average, frequency; } arr; struct { unsigned int slice; } plain; } parameters;
};
struct scheduler_limits {
	unsigned int policies[3], max_slice, min_slice, has_arr, max_frequency, min_frequency, max_average, min_average;
};

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
_Static_assert(sizeof(struct scheduler_setting) == 16, "nvmlVgpuSchedulerSetState_t");
_Static_assert(sizeof(struct license_expiry) == 16, "nvmlVgpuLicenseExpiry_t");
_Static_assert(sizeof(struct license) == 24, "nvmlVgpuLicenseInfo_t");
_Static_assert(sizeof(struct scheduler_limits) == 40, "nvmlVgpuSchedulerCapabilities_t");

extern int failures;

int (*find(const char *name))();

#define CALL(name, ...) find(name)(__VA_ARGS__)

void check(const char *what, long wanted, long seen);
void check_text(const char *what, const char *wanted, const char *seen);

/* nvml-check-vgpu.c */
void check_types(handle device);
void check_time_slicing(handle device);
void check_running(int count, char **arguments);

/* nvml-check-observe.c */
void check_observing(handle device);

/* nvml-check-migration.c */
void check_migration(handle device);

#endif
