using VgpuPS.Lab.Machine;

namespace VgpuPS.Tests.Hook;

public sealed class ParallelMdevTests() : ParallelTests(LabBackend.Mdev, sharesInstances: false);
