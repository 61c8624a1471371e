using VgpuPS.Lab.Machine;

namespace VgpuPS.Tests.Hook;

public sealed class ParallelVfioTests() : ParallelTests(LabBackend.Vfio, sharesInstances: false);
