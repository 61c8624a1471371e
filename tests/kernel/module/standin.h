/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Test only. A driver called "nvidia" for the SR-IOV device of QEMU's nvme: each virtual function becomes a parent of
 * mediated devices or carries the vendor attributes. What may be created follows facts/host-behaviour.md 1.5, written
 * here a second time, apart from the simulated host's rules.
 */
#ifndef STANDIN_H
#define STANDIN_H

#include <linux/list.h>
#include <linux/mdev.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/seq_file.h>
#include <linux/uuid.h>

#define STANDIN_VERSION "580.105.06"
#define STANDIN_GPUS 4
#define STANDIN_TYPES 96
#define STANDIN_INSTANCES 16
#define STANDIN_VENDOR 0x10de
#define NO_INSTANCE 0xffffffffu

/* NV status numbers that the driver puts into the kernel log. */
#define NV_IN_USE 0x17
#define NV_NO_ROOM 0x1a
#define NV_INVALID_OPERATION 0x38
#define NV_NOT_FOUND 0x57

struct vgpu_type {
	u32 id;
	int profile; /* of the GPU instance it needs; -1 for a time-sliced type */
	u32 framebuffer_mib;
	u32 max;
	u32 max_mixed;
	u32 per_instance;
	char name[64];
	char sysfs_name[12];
};

struct gpu_instance {
	u32 id;
	int profile;
};

struct gpu {
	char address[16];
	bool bound, mig, mixed, locked;
	u32 generation; /* how often the driver was bound */
	int users; /* open /dev/nvidiaN */
	unsigned int count;
	struct gpu_instance instances[STANDIN_INSTANCES];
	struct miscdevice node;
	char node_name[16];
};

struct function {
	struct list_head link;
	struct pci_dev *pdev;
	struct gpu *gpu;
	const struct vgpu_type *type; /* of its vGPU; NULL for none */
	u32 instance, handle;
	bool is_mediated;
	pid_t holder; /* process that has the device open; 0 for none */
	guid_t uuid;
	char params[256]; /* plugin parameters for the next process that opens it */
	char next[256]; /* those that are being written */
	char active[256]; /* those that the process which holds it has opened it with */
	/* mediated devices */
	struct mdev_parent parent;
	struct mdev_type *mtypes, **mtype_pointers;
	/* vendor VFIO */
	struct vendor_device *vendor;
};

extern struct mutex standin_lock; /* guards all below and what hangs on them */
extern struct gpu standin_gpus[STANDIN_GPUS];
extern unsigned int standin_gpu_count;
extern struct vgpu_type standin_types[STANDIN_TYPES];
extern unsigned int standin_type_count;
extern struct list_head standin_functions;
extern int refuse_create, slow_create_ms, slow_remove_ms, ignore_types;

struct gpu *standin_find_gpu(const char *address);
struct function *standin_find_function(struct device *dev);

/* rules.c */
bool standin_can_create(struct function *function, const struct vgpu_type *type);
int standin_create(struct function *function, const struct vgpu_type *type);
void standin_destroy(struct function *function);
const struct vgpu_type *standin_find_type(u32 id);
void standin_hold(struct function *function);
ssize_t standin_set_params(struct function *function, const char *text, size_t length);

/* classic.c and vendor.c */
int classic_register_driver(void);
void classic_unregister_driver(void);
int classic_add(struct function *function);
void classic_drop(struct function *function);
int vendor_add(struct function *function);
void vendor_drop(struct function *function);

/* control.c */
int control_start(void);
void control_stop(void);
int control_add_gpu(struct gpu *gpu);

#endif
