using VgpuPS.Core.Layout;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Host.Operations.Guests;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Operations.Licensing;
using VgpuPS.Host.Operations.Mig;
using VgpuPS.Host.Operations.Setup;
using VgpuPS.Host.Operations.Vgpus;
using VgpuPS.Host.Operations.VmVgpus;

namespace VgpuPS.Host.Sessions;

/// <summary>All use cases that a face can ask a host session for.</summary>
public static class HostUseCases
{
    /// <summary>Reads what is on the host; changes nothing.</summary>
    public static UseCase<ShowHostRequest, HostReport> ShowHost { get; } = new(
        "showHost", UseCaseJsonContext.Default.ShowHostRequest, UseCaseJsonContext.Default.HostReport,
        (host, request, _, _) => Task.FromResult(new ShowHost(host).Run(request)))
    {
        IsReading = true,
    };

    /// <summary>Makes GPUs what a layout says: MIG mode, functions, instances, mixed sizes, scheduler.</summary>
    public static UseCase<ApplyLayoutRequest, ChangeResult> ApplyLayout { get; } = new(
        "applyLayout", UseCaseJsonContext.Default.ApplyLayoutRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, token) => new ApplyLayout(host).RunAsync(request, progress, token));

    /// <summary>Creates GPU instances on one GPU, placed together.</summary>
    public static UseCase<CreateInstancesRequest, ChangeResult> CreateInstances { get; } = new(
        "createInstances", UseCaseJsonContext.Default.CreateInstancesRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, token) => new CreateInstances(host).RunAsync(request, progress, token));

    /// <summary>Destroys GPU instances with their compute instances.</summary>
    public static UseCase<RemoveInstancesRequest, ChangeResult> RemoveInstances { get; } = new(
        "removeInstances", UseCaseJsonContext.Default.RemoveInstancesRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, token) => new RemoveInstances(host).RunAsync(request, progress, token));

    /// <summary>Creates compute instances in a GPU instance.</summary>
    public static UseCase<CreateComputeInstancesRequest, ChangeResult> CreateComputeInstances { get; } = new(
        "createComputeInstances", UseCaseJsonContext.Default.CreateComputeInstancesRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, token) => new CreateComputeInstances(host).RunAsync(request, progress, token));

    /// <summary>Destroys compute instances.</summary>
    public static UseCase<RemoveComputeInstancesRequest, ChangeResult> RemoveComputeInstances { get; } = new(
        "removeComputeInstances", UseCaseJsonContext.Default.RemoveComputeInstancesRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, token) => new RemoveComputeInstances(host).RunAsync(request, progress, token));

    /// <summary>Creates a vGPU on a function.</summary>
    public static UseCase<CreateVgpuRequest, ChangeResult> CreateVgpu { get; } = new(
        "createVgpu", UseCaseJsonContext.Default.CreateVgpuRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, token) => new CreateVgpu(host).RunAsync(request, progress, token));

    /// <summary>Removes a vGPU that no VM runs.</summary>
    public static UseCase<RemoveVgpuRequest, ChangeResult> RemoveVgpu { get; } = new(
        "removeVgpu", UseCaseJsonContext.Default.RemoveVgpuRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, token) => new RemoveVgpu(host).RunAsync(request, progress, token));

    /// <summary>Writes the host's layout file.</summary>
    public static UseCase<SaveLayoutRequest, ChangeResult> SaveLayout { get; } = new(
        "saveLayout", UseCaseJsonContext.Default.SaveLayoutRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, token) => new SaveLayout(host).RunAsync(request, progress, token));

    /// <summary>Reads the GPUs into a layout; changes nothing.</summary>
    public static UseCase<ExportLayoutRequest, HostLayout> ExportLayout { get; } = new(
        "exportLayout", UseCaseJsonContext.Default.ExportLayoutRequest, UseCaseJsonContext.Default.HostLayout,
        (host, request, _, _) => Task.FromResult(new ExportLayout(host).Run(request)))
    {
        IsReading = true,
    };
    /// <summary>Gives a VM a vGPU.</summary>
    public static UseCase<AddVmVgpuRequest, ChangeResult> AddVmVgpu { get; } = new(
        "addVmVgpu", UseCaseJsonContext.Default.AddVmVgpuRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, cancellationToken) =>
            new AddVmVgpu(host).RunAsync(request, progress, cancellationToken));

    /// <summary>Changes a VM's vGPU.</summary>
    public static UseCase<SetVmVgpuRequest, ChangeResult> SetVmVgpu { get; } = new(
        "setVmVgpu", UseCaseJsonContext.Default.SetVmVgpuRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, cancellationToken) =>
            new SetVmVgpu(host).RunAsync(request, progress, cancellationToken));

    /// <summary>Takes a vGPU out of a VM's configuration.</summary>
    public static UseCase<RemoveVmVgpuRequest, ChangeResult> RemoveVmVgpu { get; } = new(
        "removeVmVgpu", UseCaseJsonContext.Default.RemoveVmVgpuRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, cancellationToken) =>
            new RemoveVmVgpu(host).RunAsync(request, progress, cancellationToken));

    /// <summary>Says what a start of a VM would do now; changes nothing.</summary>
    public static UseCase<TestVmVgpuRequest, VmVgpuTestInfo> TestVmVgpu { get; } = new(
        "testVmVgpu", UseCaseJsonContext.Default.TestVmVgpuRequest, UseCaseJsonContext.Default.VmVgpuTestInfo,
        (host, request, _, _) => Task.FromResult(new TestVmVgpu(host).Run(request)))
    {
        IsReading = true,
    };

    /// <summary>Puts the hook on a VM.</summary>
    public static UseCase<RegisterVgpuHookRequest, ChangeResult> RegisterVgpuHook { get; } = new(
        "registerVgpuHook", UseCaseJsonContext.Default.RegisterVgpuHookRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, cancellationToken) =>
            new RegisterVgpuHook(host).RunAsync(request, progress, cancellationToken));

    /// <summary>Takes the hook from a VM.</summary>
    public static UseCase<UnregisterVgpuHookRequest, ChangeResult> UnregisterVgpuHook { get; } = new(
        "unregisterVgpuHook", UseCaseJsonContext.Default.UnregisterVgpuHookRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, cancellationToken) =>
            new UnregisterVgpuHook(host).RunAsync(request, progress, cancellationToken));

    /// <summary>Looks whether the hook of VMs is as it must be; changes nothing.</summary>
    public static UseCase<TestVgpuHookRequest, IReadOnlyList<VgpuHookTestInfo>> TestVgpuHook { get; } = new(
        "testVgpuHook", UseCaseJsonContext.Default.TestVgpuHookRequest, UseCaseJsonContext.Default.IReadOnlyListVgpuHookTestInfo,
        (host, request, _, _) => Task.FromResult(new TestVgpuHook(host).Run(request)))
    {
        IsReading = true,
    };

    /// <summary>Reads the log of changes; changes nothing.</summary>
    public static UseCase<ReadEventsRequest, ReadEventsResult> ReadEvents { get; } = new(
        "readEvents", UseCaseJsonContext.Default.ReadEventsRequest, UseCaseJsonContext.Default.ReadEventsResult,
        (host, request, _, cancellationToken) =>
            Task.FromResult(new ReadEvents(host).Run(request, cancellationToken)))
    {
        IsReading = true,
    };
    /// <summary>Gives a guest its licence.</summary>
    public static UseCase<SetGuestLicenseRequest, ChangeResult> SetGuestLicense { get; } = new(
        "setGuestLicense", UseCaseJsonContext.Default.SetGuestLicenseRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, cancellationToken) =>
            new SetGuestLicense(host).RunAsync(request, progress, cancellationToken));

    /// <summary>Gives a guest's licence back and removes its tokens.</summary>
    public static UseCase<RemoveGuestLicenseRequest, ChangeResult> RemoveGuestLicense { get; } = new(
        "removeGuestLicense", UseCaseJsonContext.Default.RemoveGuestLicenseRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, cancellationToken) =>
            new RemoveGuestLicense(host).RunAsync(request, progress, cancellationToken));

    /// <summary>Asks a guest itself about its licence; changes nothing.</summary>
    public static UseCase<ReadGuestLicenseRequest, GuestLicenseReport> ReadGuestLicense { get; } = new(
        "readGuestLicense", UseCaseJsonContext.Default.ReadGuestLicenseRequest, UseCaseJsonContext.Default.GuestLicenseReport,
        (host, request, _, cancellationToken) => new ReadGuestLicense(host).RunAsync(request, cancellationToken));

    /// <summary>Looks whether vGPUs have their licence; changes nothing.</summary>
    public static UseCase<TestGuestLicensesRequest, IReadOnlyList<GridLicenseTestInfo>> TestGuestLicenses { get; } = new(
        "testGuestLicenses", UseCaseJsonContext.Default.TestGuestLicensesRequest, UseCaseJsonContext.Default.IReadOnlyListGridLicenseTestInfo,
        (host, request, _, _) => Task.FromResult(new TestGuestLicenses(host).Run(request)))
    {
        IsReading = true,
    };

    /// <summary>Installs a driver in a guest.</summary>
    public static UseCase<InstallGuestDriverRequest, ChangeResult> InstallGuestDriver { get; } = new(
        "installGuestDriver", UseCaseJsonContext.Default.InstallGuestDriverRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, cancellationToken) =>
            new InstallGuestDriver(host).RunAsync(request, progress, cancellationToken));

    /// <summary>Installs the product on its host.</summary>
    public static UseCase<InstallHostRequest, ChangeResult> InstallHost { get; } = new(
        "installHost", UseCaseJsonContext.Default.InstallHostRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, token) => new InstallHost(host).RunAsync(request, progress, token));

    /// <summary>Takes the product off its host.</summary>
    public static UseCase<UninstallHostRequest, ChangeResult> UninstallHost { get; } = new(
        "uninstallHost", UseCaseJsonContext.Default.UninstallHostRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, token) => new UninstallHost(host).RunAsync(request, progress, token));

    /// <summary>Names the nodes of the host's cluster; changes nothing.</summary>
    public static UseCase<ShowClusterRequest, ClusterReport> ShowCluster { get; } = new(
        "showCluster", UseCaseJsonContext.Default.ShowClusterRequest, UseCaseJsonContext.Default.ClusterReport,
        (host, _, _, _) => Task.FromResult(new ClusterReport(host.Guests.Node, host.Install.Nodes)))
    {
        IsReading = true,
    };

    /// <summary>The doctor: looks for every fault that it knows; changes nothing.</summary>
    public static UseCase<TestHostRequest, TestHostResult> TestHost { get; } = new(
        "testHost", UseCaseJsonContext.Default.TestHostRequest, UseCaseJsonContext.Default.TestHostResult,
        (host, request, _, cancellationToken) => new TestHost(host).RunAsync(request, cancellationToken))
    {
        IsReading = true,
    };

    /// <summary>Carries out the safe fixes of what the doctor finds.</summary>
    public static UseCase<RepairHostRequest, ChangeResult> RepairHost { get; } = new(
        "repairHost", UseCaseJsonContext.Default.RepairHostRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, cancellationToken) =>
            new RepairHost(host).RunAsync(request, progress, cancellationToken));

    /// <summary>Makes a host ready for vGPUs: kernel, command line, nouveau, driver, services.</summary>
    public static UseCase<InitializeHostRequest, ChangeResult> InitializeHost { get; } = new(
        "initializeHost", UseCaseJsonContext.Default.InitializeHostRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, cancellationToken) =>
            new InitializeHost(host).RunAsync(request, progress, cancellationToken));

    /// <summary>All of them, for a host that is asked by name.</summary>
    public static IReadOnlyList<UseCase> All { get; } =
    [
        ShowHost, ExportLayout, ApplyLayout, SaveLayout, CreateInstances, RemoveInstances, CreateComputeInstances,
        RemoveComputeInstances, CreateVgpu, RemoveVgpu, AddVmVgpu, SetVmVgpu, RemoveVmVgpu, TestVmVgpu, RegisterVgpuHook,
        UnregisterVgpuHook, TestVgpuHook, ReadEvents, SetGuestLicense, RemoveGuestLicense, ReadGuestLicense,
        InstallGuestDriver, TestGuestLicenses, InstallHost, UninstallHost, ShowCluster,
        TestHost, RepairHost, InitializeHost,
    ];
}
