// SPDX-License-Identifier: GPL-2.0
/* What the driver says about migrations, of an A30 on which no vGPU runs. */
#include <stddef.h>
#include "nvml-check.h"

#define LARGEST 4096

/* nvmlVgpuPgpuMetadata_t, whose last member has as many bytes as the one before says. */
struct gpu_metadata {
	unsigned int version;
	unsigned int revision;
	char driver[80];
	unsigned int capabilities;
	unsigned int reserved[5];
	unsigned int lowest;
	unsigned int highest;
	unsigned int opaque_size;
	char opaque[LARGEST];
};

_Static_assert(offsetof(struct gpu_metadata, opaque) == 124, "head of the metadata");

void check_migration(handle device)
{
	static struct gpu_metadata metadata;
	unsigned int versions[2][2] = { { 0 } };
	unsigned int current = 9, pending = 9, size = 0;

	check("ECC", 0, CALL("nvmlDeviceGetEccMode", device, &current, &pending));
	check("on", 1, current);
	check("and stays so", 1, pending);
	check("size of the metadata", 7, CALL("nvmlDeviceGetVgpuMetadata", device, NULL, &size));
	check("more than its head", 1, size > 124 && size < LARGEST);
	check("metadata", 0, CALL("nvmlDeviceGetVgpuMetadata", device, &metadata, &size));
	check("of that size", size, 124 + metadata.opaque_size);
	check("it can migrate", 1, metadata.capabilities & 1);
	size = 0;
	check("metadata of a vGPU that is none", 6, CALL("nvmlVgpuInstanceGetMetadata", 1, NULL, &size));
	check("versions", 0, CALL("nvmlGetVgpuVersion", versions[0], versions[1]));
	check("lowest that is taken", metadata.lowest, versions[1][0]);
	check("highest that is taken", metadata.highest, versions[1][1]);
	check("the GPU's metadata are no vGPU's", 2, CALL("nvmlGetVgpuCompatibility", &metadata, &metadata, versions));
}
