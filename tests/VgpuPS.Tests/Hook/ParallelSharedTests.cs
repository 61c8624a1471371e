using VgpuPS.Lab.Machine;

namespace VgpuPS.Tests.Hook;

public sealed class ParallelSharedTests() : ParallelTests(LabBackend.Vfio, sharesInstances: true);
