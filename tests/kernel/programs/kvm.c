// SPDX-License-Identifier: GPL-2.0
/* What of QEMU matters to the driver and to the hook: its command line, and that it holds the devices it was given. */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void fail(const char *what, const char *device)
{
	fprintf(stderr, "vfio %s: %s: %m\n", device, what);
	exit(1);
}

static void hold(const char *folder, const char *name)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char path[PATH_MAX], target[PATH_MAX];
	int container, group;
	ssize_t length;

	snprintf(path, sizeof(path), "%s/%s/iommu_group", folder, name);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		fail("no iommu_group", name);
	target[length] = 0;
	snprintf(path, sizeof(path), "/dev/vfio/%s", basename(target));
	container = open("/dev/vfio/vfio", O_RDWR);
	group = open(path, O_RDWR);
	if (container < 0 || group < 0)
		fail("cannot open the group", name);
	if (ioctl(group, VFIO_GROUP_GET_STATUS, &status) || !(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		fail("the group is not viable", name);
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) || ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU))
		fail("cannot set up the container", name);
	if (ioctl(group, VFIO_GROUP_GET_DEVICE_FD, name) < 0)
		fail("error getting device", name);
}

static void take(char *argument)
{
	static const char mediated[] = "sysfsdev=/sys/bus/mdev/devices/";
	static const char function[] = "host=";
	char *part;

	if (!strncmp(argument, "vfio-pci,", 9)) {
		for (part = strtok(argument, ","); part; part = strtok(NULL, ",")) {
			if (!strncmp(part, mediated, sizeof(mediated) - 1))
				hold("/sys/bus/mdev/devices", part + sizeof(mediated) - 1);
			else if (!strncmp(part, function, sizeof(function) - 1))
				hold("/sys/bus/pci/devices", part + sizeof(function) - 1);
		}
	}
}

int main(int count, char **arguments)
{
	int i, has_uuid = 0, devices = 0;

	for (i = 1; i + 1 < count; i++) {
		has_uuid |= !strcmp(arguments[i], "-uuid");
		devices += !strcmp(arguments[i], "-device");
	}
	if (devices && !has_uuid) {
		fprintf(stderr, "Failed to get VM UUID from QEMU command-line 0x57\n");
		return 1;
	}
	for (i = 1; i + 1 < count; i++)
		if (!strcmp(arguments[i], "-device"))
			take(strdup(arguments[i + 1])); /* the command line stays readable in /proc */
	printf("running\n");
	fflush(stdout);
	for (;;)
		pause();
}
