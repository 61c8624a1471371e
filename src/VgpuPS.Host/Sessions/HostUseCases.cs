using System.Text.Json.Serialization;
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
    public static UseCase<ReadHostRequest, HostReport> ReadHost { get; } = new(
        "showHost", UseCaseJsonContext.Default.ReadHostRequest, UseCaseJsonContext.Default.HostReport,
        (host, request, _, _) => Task.FromResult(new ReadHost(host).Run(request)))
    {
        IsReading = true,
    };

    /// <summary>Applies a layout to GPUs: MIG mode, functions, instances, mixed sizes, scheduler.</summary>
    public static UseCase<ApplyLayoutRequest, ChangeResult> ApplyLayout { get; } = new(
        "applyLayout", UseCaseJsonContext.Default.ApplyLayoutRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, token) => new ApplyLayout(host).RunAsync(request, progress, token));

    /// <summary>Creates GPU instances on one GPU, placed together.</summary>
    public static UseCase<CreateMigInstancesRequest, ChangeResult> CreateMigInstances { get; } = new(
        "createInstances", UseCaseJsonContext.Default.CreateMigInstancesRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, token) => new CreateMigInstances(host).RunAsync(request, progress, token));

    /// <summary>Destroys GPU instances with their compute instances.</summary>
    public static UseCase<RemoveMigInstancesRequest, ChangeResult> RemoveMigInstances { get; } = new(
        "removeInstances", UseCaseJsonContext.Default.RemoveMigInstancesRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, token) => new RemoveMigInstances(host).RunAsync(request, progress, token));

    /// <summary>Creates compute instances in a GPU instance.</summary>
    public static UseCase<CreateMigComputeInstancesRequest, ChangeResult> CreateMigComputeInstances { get; } = new(
        "createComputeInstances", UseCaseJsonContext.Default.CreateMigComputeInstancesRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, token) => new CreateMigComputeInstances(host).RunAsync(request, progress, token));

    /// <summary>Destroys compute instances.</summary>
    public static UseCase<RemoveMigComputeInstancesRequest, ChangeResult> RemoveMigComputeInstances { get; } = new(
        "removeComputeInstances", UseCaseJsonContext.Default.RemoveMigComputeInstancesRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, token) => new RemoveMigComputeInstances(host).RunAsync(request, progress, token));

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
    public static UseCase<SetGridLicenseRequest, ChangeResult> SetGridLicense { get; } = new(
        "setGuestLicense", UseCaseJsonContext.Default.SetGridLicenseRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, cancellationToken) =>
            new SetGridLicense(host).RunAsync(request, progress, cancellationToken));

    /// <summary>Gives a guest's licence back and removes its tokens.</summary>
    public static UseCase<RemoveGridLicenseRequest, ChangeResult> RemoveGridLicense { get; } = new(
        "removeGuestLicense", UseCaseJsonContext.Default.RemoveGridLicenseRequest, UseCaseJsonContext.Default.ChangeResult,
        (host, request, progress, cancellationToken) =>
            new RemoveGridLicense(host).RunAsync(request, progress, cancellationToken));

    /// <summary>Asks a guest itself about its licence; changes nothing.</summary>
    public static UseCase<ReadGridLicenseRequest, GridLicenseReport> ReadGridLicense { get; } = new(
        "readGuestLicense", UseCaseJsonContext.Default.ReadGridLicenseRequest, UseCaseJsonContext.Default.GridLicenseReport,
        (host, request, _, cancellationToken) => new ReadGridLicense(host).RunAsync(request, cancellationToken));

    /// <summary>Looks whether vGPUs have their licence; changes nothing.</summary>
    public static UseCase<TestGridLicensesRequest, IReadOnlyList<GridLicenseTestInfo>> TestGridLicenses { get; } = new(
        "testGuestLicenses", UseCaseJsonContext.Default.TestGridLicensesRequest, UseCaseJsonContext.Default.IReadOnlyListGridLicenseTestInfo,
        (host, request, _, _) => Task.FromResult(new TestGridLicenses(host).Run(request)))
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
    public static UseCase<ReadClusterRequest, ClusterReport> ReadCluster { get; } = new(
        "showCluster", UseCaseJsonContext.Default.ReadClusterRequest, UseCaseJsonContext.Default.ClusterReport,
        (host, _, _, _) => Task.FromResult(new ClusterReport(host.Proxmox.Node, host.Install.Nodes)))
    {
        IsReading = true,
    };

    /// <summary>The doctor: looks for every fault that it knows; changes nothing.</summary>
    public static UseCase<RunDoctorRequest, RunDoctorResult> RunDoctor { get; } = new(
        "testHost", UseCaseJsonContext.Default.RunDoctorRequest, UseCaseJsonContext.Default.RunDoctorResult,
        (host, request, _, cancellationToken) => new RunDoctor(host).RunAsync(request, cancellationToken))
    {
        IsReading = true,
    };

    /// <summary>Executes the safe fixes of what the doctor finds.</summary>
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
        ReadHost, ExportLayout, ApplyLayout, SaveLayout, CreateMigInstances, RemoveMigInstances, CreateMigComputeInstances,
        RemoveMigComputeInstances, CreateVgpu, RemoveVgpu, AddVmVgpu, SetVmVgpu, RemoveVmVgpu, TestVmVgpu, RegisterVgpuHook,
        UnregisterVgpuHook, TestVgpuHook, ReadEvents, SetGridLicense, RemoveGridLicense, ReadGridLicense,
        InstallGuestDriver, TestGridLicenses, InstallHost, UninstallHost, ReadCluster,
        RunDoctor, RepairHost, InitializeHost,
    ];
}

/// <summary>
/// How requests and results of use cases travel: camelCase, on one line. A member of a request whose default is not its
/// type's own has a setter: one that can only be initialized loses it where an older module leaves the member out.
/// </summary>
/// <remarks>Source: measured on kernel 6.12, agent: a request without <c>count</c> came out with 0.</remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ReadHostRequest))]
[JsonSerializable(typeof(HostReport))]
[JsonSerializable(typeof(ChangeResult))]
[JsonSerializable(typeof(ExportLayoutRequest))]
[JsonSerializable(typeof(HostLayout))]
[JsonSerializable(typeof(ApplyLayoutRequest))]
[JsonSerializable(typeof(CreateMigInstancesRequest))]
[JsonSerializable(typeof(RemoveMigInstancesRequest))]
[JsonSerializable(typeof(CreateMigComputeInstancesRequest))]
[JsonSerializable(typeof(RemoveMigComputeInstancesRequest))]
[JsonSerializable(typeof(CreateVgpuRequest))]
[JsonSerializable(typeof(RemoveVgpuRequest))]
[JsonSerializable(typeof(SaveLayoutRequest))]
[JsonSerializable(typeof(AddVmVgpuRequest))]
[JsonSerializable(typeof(SetVmVgpuRequest))]
[JsonSerializable(typeof(RemoveVmVgpuRequest))]
[JsonSerializable(typeof(TestVmVgpuRequest))]
[JsonSerializable(typeof(RegisterVgpuHookRequest))]
[JsonSerializable(typeof(UnregisterVgpuHookRequest))]
[JsonSerializable(typeof(TestVgpuHookRequest))]
[JsonSerializable(typeof(SetGridLicenseRequest))]
[JsonSerializable(typeof(TestGridLicensesRequest))]
[JsonSerializable(typeof(IReadOnlyList<GridLicenseTestInfo>))]
[JsonSerializable(typeof(RemoveGridLicenseRequest))]
[JsonSerializable(typeof(ReadGridLicenseRequest))]
[JsonSerializable(typeof(GridLicenseReport))]
[JsonSerializable(typeof(InstallGuestDriverRequest))]
[JsonSerializable(typeof(VmVgpuTestInfo))]
[JsonSerializable(typeof(IReadOnlyList<VgpuHookTestInfo>))]
[JsonSerializable(typeof(ReadEventsRequest))]
[JsonSerializable(typeof(ReadEventsResult))]
[JsonSerializable(typeof(InstallHostRequest))]
[JsonSerializable(typeof(UninstallHostRequest))]
[JsonSerializable(typeof(ReadClusterRequest))]
[JsonSerializable(typeof(ClusterReport))]
[JsonSerializable(typeof(RunDoctorRequest))]
[JsonSerializable(typeof(RepairHostRequest))]
[JsonSerializable(typeof(InitializeHostRequest))]
[JsonSerializable(typeof(RunDoctorResult))]
public sealed partial class UseCaseJsonContext : JsonSerializerContext;
