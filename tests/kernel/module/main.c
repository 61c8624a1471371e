// SPDX-License-Identifier: GPL-2.0
/* The PCI driver "nvidia". Like NVIDIA's it has no sriov_configure: the kernel refuses sriov_numvfs while it is bound. */
#include <linux/module.h>
#include <linux/slab.h>
#include "standin.h"

static char *backend = "mdev";
module_param(backend, charp, 0444);
MODULE_PARM_DESC(backend, "mdev or vfio: how functions offer vGPUs");
static ushort device = 0x20b7;
module_param(device, ushort, 0444);
MODULE_PARM_DESC(device, "PCI device id that GPUs and functions show");
static ushort subsystem = 0x1532;
module_param(subsystem, ushort, 0444);
int refuse_create;
module_param(refuse_create, int, 0644);
MODULE_PARM_DESC(refuse_create, "errno with which every vGPU is refused; 0 for none");
int slow_create_ms;
module_param(slow_create_ms, int, 0644);
int slow_remove_ms;
module_param(slow_remove_ms, int, 0644);
int ignore_types;
module_param(ignore_types, int, 0644);
MODULE_PARM_DESC(ignore_types, "1: a type written to current_vgpu_type is taken and nothing is done");
static int failing_function = -1;
module_param(failing_function, int, 0644);
MODULE_PARM_DESC(failing_function, "index of a function on each GPU that the driver cannot bind; -1 for none");

DEFINE_MUTEX(standin_lock);
struct gpu standin_gpus[STANDIN_GPUS];
unsigned int standin_gpu_count;
struct vgpu_type standin_types[STANDIN_TYPES];
unsigned int standin_type_count;
LIST_HEAD(standin_functions);

struct gpu *standin_find_gpu(const char *address)
{
	unsigned int i;

	for (i = 0; i < standin_gpu_count; i++)
		if (!strcmp(standin_gpus[i].address, address))
			return &standin_gpus[i];
	return NULL;
}

struct function *standin_find_function(struct device *dev)
{
	struct function *function;

	list_for_each_entry(function, &standin_functions, link)
		if (&function->pdev->dev == dev)
			return function;
	return NULL;
}

/* What sysfs shows of the device; its configuration space stays that of QEMU's nvme. */
static void disguise(struct pci_dev *pdev)
{
	pdev->vendor = pdev->subsystem_vendor = STANDIN_VENDOR;
	pdev->device = device;
	pdev->subsystem_device = pdev->is_virtfn ? 0 : subsystem;
	pdev->class = 0x030200;
}

static int probe_gpu(struct pci_dev *pdev)
{
	struct gpu *gpu = standin_find_gpu(pci_name(pdev));
	int error = 0;

	if (!gpu) {
		if (standin_gpu_count == STANDIN_GPUS)
			return -ENOSPC;
		gpu = &standin_gpus[standin_gpu_count];
		strscpy(gpu->address, pci_name(pdev), sizeof(gpu->address));
		error = control_add_gpu(gpu);
		if (error)
			return error;
		standin_gpu_count++;
	}
	mutex_lock(&standin_lock);
	gpu->bound = true;
	gpu->generation++;
	mutex_unlock(&standin_lock);
	return 0;
}

static bool is_vendor(void)
{
	return !strcmp(backend, "vfio");
}

static int probe_function(struct pci_dev *pdev)
{
	struct function *function;
	int error;

	if (failing_function >= 0 && pci_iov_vf_id(pdev) == failing_function)
		return -EIO;
	function = kzalloc(sizeof(*function), GFP_KERNEL);
	if (!function)
		return -ENOMEM;
	function->pdev = pdev;
	function->gpu = standin_find_gpu(pci_name(pci_physfn(pdev)));
	error = function->gpu ? 0 : -ENODEV;
	if (!error) {
		/* In order of index: what is read of the list is shown to people. */
		mutex_lock(&standin_lock);
		list_add_tail(&function->link, &standin_functions);
		mutex_unlock(&standin_lock);
		error = is_vendor() ? vendor_add(function) : classic_add(function);
	}
	if (error) {
		if (function->gpu)
			list_del(&function->link);
		kfree(function->mtypes);
		kfree(function->mtype_pointers);
		kfree(function);
	}
	return error;
}

static int probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	disguise(pdev);
	return pdev->is_virtfn ? probe_function(pdev) : probe_gpu(pdev);
}

/* facts/host-behaviour.md 2: the driver's rebind destroys every instance and mixed-size mode; MIG mode survives. */
static void remove_gpu(struct pci_dev *pdev)
{
	struct gpu *gpu = standin_find_gpu(pci_name(pdev));

	mutex_lock(&standin_lock);
	gpu->bound = gpu->mixed = false;
	gpu->count = 0;
	mutex_unlock(&standin_lock);
}

static void remove_function(struct pci_dev *pdev)
{
	struct function *function = standin_find_function(&pdev->dev);

	if (is_vendor())
		vendor_drop(function);
	else
		classic_drop(function);
	mutex_lock(&standin_lock);
	list_del(&function->link);
	mutex_unlock(&standin_lock);
	kfree(function->mtypes);
	kfree(function->mtype_pointers);
	kfree(function);
}

static void remove(struct pci_dev *pdev)
{
	if (pdev->is_virtfn)
		remove_function(pdev);
	else
		remove_gpu(pdev);
}

/* QEMU's nvme as it is, and as disguised by an earlier probe; a function has the GPU's vendor from its birth. */
static const struct pci_device_id ids[] = {
	{ PCI_DEVICE(0x1b36, 0x0010) },
	{ PCI_DEVICE(STANDIN_VENDOR, PCI_ANY_ID) },
	{ },
};

static struct pci_driver driver = {
	.name = "nvidia",
	.id_table = ids,
	.probe = probe,
	.remove = remove,
	.driver_managed_dma = true,
};

static int __init start(void)
{
	int error = control_start();

	if (error)
		return error;
	error = classic_register_driver();
	if (!error) {
		error = pci_register_driver(&driver);
		if (error)
			classic_unregister_driver();
	}
	if (error)
		control_stop();
	return error;
}

static void __exit stop(void)
{
	pci_unregister_driver(&driver);
	classic_unregister_driver();
	control_stop();
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
MODULE_VERSION(STANDIN_VERSION);
MODULE_DESCRIPTION("Test stand-in for NVIDIA's vGPU host driver");
