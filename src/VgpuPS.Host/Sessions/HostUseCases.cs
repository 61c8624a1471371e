using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using VgpuPS.Core.Advice;
using VgpuPS.Core.Layout;
using VgpuPS.Core.Migration;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Advice;
using VgpuPS.Host.Operations.Affinity;
using VgpuPS.Host.Operations.Capacity;
using VgpuPS.Host.Operations.Configuration;
using VgpuPS.Host.Operations.Defragmentation;
using VgpuPS.Host.Operations.Diagnostics;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Host.Operations.Guests;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Operations.Licensing;
using VgpuPS.Host.Operations.Mappings;
using VgpuPS.Host.Operations.Metrics;
using VgpuPS.Host.Operations.Mig;
using VgpuPS.Host.Operations.Migration;
using VgpuPS.Host.Operations.Performance;
using VgpuPS.Host.Operations.Setup;
using VgpuPS.Host.Operations.Vgpus;
using VgpuPS.Host.Operations.VmPower;
using VgpuPS.Host.Operations.VmStart;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.State;

namespace VgpuPS.Host.Sessions;

/// <summary>All use cases that a face can ask a host session for.</summary>
public static class HostUseCases
{
    private static readonly List<UseCase> s_all = [];

    /// <summary>All of them, for a host that is asked by name.</summary>
    public static IReadOnlyList<UseCase> All => s_all;

    /// <summary>Reads what is on the host; changes nothing.</summary>
    public static UseCase<ReadHostRequest, HostReport> ReadHost { get; } = Read<ReadHostRequest, HostReport>(
        "showHost", (host, request, _) => new ReadHost(host).Run(request));

    /// <summary>Applies a layout to GPUs: MIG mode, functions, instances, mixed sizes, scheduler.</summary>
    public static UseCase<ApplyLayoutRequest, ChangeResult> ApplyLayout { get; } = Change<ApplyLayoutRequest>(
        "applyLayout", (host, request, progress, token) => new ApplyLayout(host).RunAsync(request, progress, token));

    /// <summary>Creates GPU instances on one GPU, placed together.</summary>
    public static UseCase<CreateMigInstancesRequest, ChangeResult> CreateMigInstances { get; } =
        Change<CreateMigInstancesRequest>(
        "createInstances",
        (host, request, progress, token) => new CreateMigInstances(host).RunAsync(request, progress, token));

    /// <summary>Destroys GPU instances with their compute instances.</summary>
    public static UseCase<RemoveMigInstancesRequest, ChangeResult> RemoveMigInstances { get; } =
        Change<RemoveMigInstancesRequest>(
        "removeInstances",
        (host, request, progress, token) => new RemoveMigInstances(host).RunAsync(request, progress, token));

    /// <summary>Creates compute instances in a GPU instance.</summary>
    public static UseCase<CreateMigComputeInstancesRequest, ChangeResult> CreateMigComputeInstances { get; } =
        Change<CreateMigComputeInstancesRequest>(
        "createComputeInstances",
        (host, request, progress, token) => new CreateMigComputeInstances(host).RunAsync(request, progress, token));

    /// <summary>Destroys compute instances.</summary>
    public static UseCase<RemoveMigComputeInstancesRequest, ChangeResult> RemoveMigComputeInstances { get; } =
        Change<RemoveMigComputeInstancesRequest>(
        "removeComputeInstances",
        (host, request, progress, token) => new RemoveMigComputeInstances(host).RunAsync(request, progress, token));

    /// <summary>Creates a vGPU on a function.</summary>
    public static UseCase<CreateVgpuRequest, ChangeResult> CreateVgpu { get; } = Change<CreateVgpuRequest>(
        "createVgpu", (host, request, progress, token) => new CreateVgpu(host).RunAsync(request, progress, token));

    /// <summary>Removes a vGPU that no VM runs.</summary>
    public static UseCase<RemoveVgpuRequest, ChangeResult> RemoveVgpu { get; } = Change<RemoveVgpuRequest>(
        "removeVgpu", (host, request, progress, token) => new RemoveVgpu(host).RunAsync(request, progress, token));

    /// <summary>Writes the host's layout file.</summary>
    public static UseCase<SaveLayoutRequest, ChangeResult> SaveLayout { get; } = Change<SaveLayoutRequest>(
        "saveLayout", (host, request, progress, token) => new SaveLayout(host).RunAsync(request, progress, token));

    /// <summary>Reads the GPUs into a layout; changes nothing.</summary>
    public static UseCase<ExportLayoutRequest, HostLayout> ExportLayout { get; } =
        Read<ExportLayoutRequest, HostLayout>(
        "exportLayout", (host, request, _) => new ExportLayout(host).Run(request));

    /// <summary>Changes the hook's configuration.</summary>
    public static UseCase<SetConfigurationRequest, ChangeResult> SetConfiguration { get; } =
        Change<SetConfigurationRequest>(
        "setConfiguration",
        (host, request, progress, token) => new SetConfiguration(host).RunAsync(request, progress, token));

    /// <summary>Judges a configuration; changes nothing.</summary>
    public static UseCase<TestConfigurationRequest, IReadOnlyList<VgpuConfigurationTestInfo>> TestConfiguration
    {
        get;
    } = Read<TestConfigurationRequest, IReadOnlyList<VgpuConfigurationTestInfo>>(
        "testConfiguration", (host, request, _) => new TestConfiguration(host).Run(request));

    /// <summary>Gives a VM a vGPU.</summary>
    public static UseCase<AddVmVgpuRequest, ChangeResult> AddVmVgpu { get; } = Change<AddVmVgpuRequest>(
        "addVmVgpu", (host, request, progress, token) => new AddVmVgpu(host).RunAsync(request, progress, token));

    /// <summary>Changes a VM's vGPU.</summary>
    public static UseCase<SetVmVgpuRequest, ChangeResult> SetVmVgpu { get; } = Change<SetVmVgpuRequest>(
        "setVmVgpu", (host, request, progress, token) => new SetVmVgpu(host).RunAsync(request, progress, token));

    /// <summary>Takes a vGPU out of a VM's configuration.</summary>
    public static UseCase<RemoveVmVgpuRequest, ChangeResult> RemoveVmVgpu { get; } = Change<RemoveVmVgpuRequest>(
        "removeVmVgpu", (host, request, progress, token) => new RemoveVmVgpu(host).RunAsync(request, progress, token));

    /// <summary>Pins VMs next to their GPUs.</summary>
    public static UseCase<SetVmVgpuAffinityRequest, ChangeResult> SetVmVgpuAffinity { get; } =
        Change<SetVmVgpuAffinityRequest>(
        "setVmVgpuAffinity",
        (host, request, progress, token) => new SetVmVgpuAffinity(host).RunAsync(request, progress, token));

    /// <summary>Puts a VM's pins back as they were before.</summary>
    public static UseCase<RemoveVmVgpuAffinityRequest, ChangeResult> RemoveVmVgpuAffinity { get; } =
        Change<RemoveVmVgpuAffinityRequest>(
        "removeVmVgpuAffinity",
        (host, request, progress, token) => new RemoveVmVgpuAffinity(host).RunAsync(request, progress, token));

    /// <summary>Makes a cluster mapping of functions.</summary>
    public static UseCase<NewMappingRequest, ChangeResult> NewMapping { get; } = Change<NewMappingRequest>(
        "newMapping", (host, request, progress, token) => new NewMapping(host).RunAsync(request, progress, token));

    /// <summary>Makes a cluster mapping's entries of the node as the hardware is.</summary>
    public static UseCase<SyncMappingRequest, ChangeResult> SyncMapping { get; } = Change<SyncMappingRequest>(
        "syncMapping", (host, request, progress, token) => new SyncMapping(host).RunAsync(request, progress, token));

    /// <summary>Removes a cluster mapping.</summary>
    public static UseCase<RemoveMappingRequest, ChangeResult> RemoveMapping { get; } = Change<RemoveMappingRequest>(
        "removeMapping",
        (host, request, progress, token) => new RemoveMapping(host).RunAsync(request, progress, token));

    /// <summary>Looks whether cluster mappings are right on the node; changes nothing.</summary>
    public static UseCase<TestMappingsRequest, IReadOnlyList<VgpuMappingTestInfo>> TestMappings { get; } =
        Read<TestMappingsRequest, IReadOnlyList<VgpuMappingTestInfo>>(
        "testMappings", (host, request, _) => new TestMappings(host).Run(request));

    /// <summary>Restarts the fewest VMs so that a profile or type fits.</summary>
    public static UseCase<OptimizePlacementRequest, ChangeResult> OptimizePlacement { get; } =
        Change<OptimizePlacementRequest>(
        "optimizePlacement",
        (host, request, progress, token) => new OptimizePlacement(host).RunAsync(request, progress, token));

    /// <summary>Says what a start of a VM would do now; changes nothing.</summary>
    public static UseCase<TestVmVgpuRequest, VmVgpuTestInfo> TestVmVgpu { get; } =
        Read<TestVmVgpuRequest, VmVgpuTestInfo>(
        "testVmVgpu", (host, request, _) => new TestVmVgpu(host).Run(request));

    /// <summary>Starts a VM with Proxmox, and waits until it runs.</summary>
    public static UseCase<StartVgpuVmRequest, ChangeResult> StartVgpuVm { get; } = Change<StartVgpuVmRequest>(
        "startVm", (host, request, progress, token) => new StartVgpuVm(host).RunAsync(request, progress, token));

    /// <summary>Stops a VM with Proxmox, and waits until it has stopped.</summary>
    public static UseCase<StopVgpuVmRequest, ChangeResult> StopVgpuVm { get; } = Change<StopVgpuVmRequest>(
        "stopVm", (host, request, progress, token) => new StopVgpuVm(host).RunAsync(request, progress, token));

    /// <summary>Counts how many more vGPUs fit; changes nothing.</summary>
    public static UseCase<ReadCapacityRequest, CapacityReport> ReadCapacity { get; } =
        Read<ReadCapacityRequest, CapacityReport>(
        "readCapacity", (host, request, _) => new ReadCapacity(host).Run(request));

    /// <summary>Says where the next vGPUs should go; changes nothing.</summary>
    public static UseCase<FindPlacementRequest, PlacementReport> FindPlacement { get; } =
        Read<FindPlacementRequest, PlacementReport>(
        "findPlacement", (host, request, _) => new FindPlacement(host).Run(request));

    /// <summary>Reads what advice on sharing GPUs needs to know; changes nothing.</summary>
    public static UseCase<ReadAdviceHostRequest, AdviceHost> ReadAdviceHost { get; } =
        Read<ReadAdviceHostRequest, AdviceHost>(
        "readAdviceHost", (host, request, _) => new ReadAdviceHost(host).Run(request));

    /// <summary>Reads VMs with vGPUs as other hosts would have to start them.</summary>
    public static UseCase<ReadMovableVmsRequest, IReadOnlyList<MovableVm>> ReadMovableVms { get; } =
        Read<ReadMovableVmsRequest, IReadOnlyList<MovableVm>>(
        "readMovableVms", (host, request, _) => new ReadMovableVms(host).Run(request));

    /// <summary>Says which VMs of another host would start on this one; changes nothing.</summary>
    public static UseCase<FitVmsRequest, IReadOnlyList<VmFit>> FitVms { get; } =
        Read<FitVmsRequest, IReadOnlyList<VmFit>>(
        "fitVms", (host, request, _) => new FitVms(host).Run(request));

    /// <summary>Reads a VM that is to be migrated, on its own node; changes nothing.</summary>
    public static UseCase<ReadMigrationSourceRequest, MigrationSource> ReadMigrationSource { get; } =
        Add<ReadMigrationSourceRequest, MigrationSource>(
        "readMigrationSource",
        (host, request, _, token) => new ReadMigrationSource(host).RunAsync(request, token), isReading: true);

    /// <summary>Reads what a node has for a VM of another one; changes nothing.</summary>
    public static UseCase<ReadMigrationTargetRequest, MigrationTarget> ReadMigrationTarget { get; } =
        Read<ReadMigrationTargetRequest, MigrationTarget>(
        "readMigrationTarget", (host, request, _) => new ReadMigrationTarget(host).Run(request));

    /// <summary>Puts the hook on a VM.</summary>
    public static UseCase<RegisterVgpuHookRequest, ChangeResult> RegisterVgpuHook { get; } =
        Change<RegisterVgpuHookRequest>(
        "registerVgpuHook",
        (host, request, progress, token) => new RegisterVgpuHook(host).RunAsync(request, progress, token));

    /// <summary>Takes the hook from a VM.</summary>
    public static UseCase<UnregisterVgpuHookRequest, ChangeResult> UnregisterVgpuHook { get; } =
        Change<UnregisterVgpuHookRequest>(
        "unregisterVgpuHook",
        (host, request, progress, token) => new UnregisterVgpuHook(host).RunAsync(request, progress, token));

    /// <summary>Looks whether the hook of VMs is as it must be; changes nothing.</summary>
    public static UseCase<TestVgpuHookRequest, IReadOnlyList<VgpuHookTestInfo>> TestVgpuHook { get; } =
        Read<TestVgpuHookRequest, IReadOnlyList<VgpuHookTestInfo>>(
        "testVgpuHook", (host, request, _) => new TestVgpuHook(host).Run(request));

    /// <summary>Reads the log of changes; changes nothing.</summary>
    public static UseCase<ReadEventsRequest, ReadEventsResult> ReadEvents { get; } =
        Read<ReadEventsRequest, ReadEventsResult>(
        "readEvents", (host, request, token) => new ReadEvents(host).Run(request, token));

    /// <summary>Measures a host; changes nothing.</summary>
    public static UseCase<ReadMetricsRequest, MetricReport> ReadMetrics { get; } =
        Add<ReadMetricsRequest, MetricReport>(
        "readMetrics", (host, request, _, token) => new ReadMetrics(host).RunAsync(request, token), isReading: true);

    /// <summary>Gives a guest its licence.</summary>
    public static UseCase<SetGridLicenseRequest, ChangeResult> SetGridLicense { get; } = Change<SetGridLicenseRequest>(
        "setGuestLicense",
        (host, request, progress, token) => new SetGridLicense(host).RunAsync(request, progress, token));

    /// <summary>Gives a guest's licence back and removes its tokens.</summary>
    public static UseCase<RemoveGridLicenseRequest, ChangeResult> RemoveGridLicense { get; } =
        Change<RemoveGridLicenseRequest>(
        "removeGuestLicense",
        (host, request, progress, token) => new RemoveGridLicense(host).RunAsync(request, progress, token));

    /// <summary>Asks a guest itself about its licence; changes nothing.</summary>
    public static UseCase<ReadGridLicenseRequest, GridLicenseReport> ReadGridLicense { get; } =
        Add<ReadGridLicenseRequest, GridLicenseReport>(
        "readGuestLicense", (host, request, _, token) => new ReadGridLicense(host).RunAsync(request, token));

    /// <summary>Asks a guest which compute instances it has; changes nothing.</summary>
    public static UseCase<ReadGuestInstancesRequest, GuestInstancesReport> ReadGuestInstances { get; } =
        Add<ReadGuestInstancesRequest, GuestInstancesReport>(
        "readGuestInstances", (host, request, _, token) => new ReadGuestInstances(host).RunAsync(request, token));

    /// <summary>Looks whether vGPUs have their licence; changes nothing.</summary>
    public static UseCase<TestGridLicensesRequest, IReadOnlyList<GridLicenseTestInfo>> TestGridLicenses { get; } =
        Read<TestGridLicensesRequest, IReadOnlyList<GridLicenseTestInfo>>(
        "testGuestLicenses", (host, request, _) => new TestGridLicenses(host).Run(request));

    /// <summary>Installs a driver in a guest.</summary>
    public static UseCase<InstallGuestDriverRequest, ChangeResult> InstallGuestDriver { get; } =
        Change<InstallGuestDriverRequest>(
        "installGuestDriver",
        (host, request, progress, token) => new InstallGuestDriver(host).RunAsync(request, progress, token));

    /// <summary>Measures what vGPUs deliver; what becomes known comes with its progress.</summary>
    public static UseCase<MeasurePerformanceRequest, MeasurePerformanceResult> MeasurePerformance { get; } =
        Add<MeasurePerformanceRequest, MeasurePerformanceResult>(
        "measurePerformance",
        (host, request, progress, token) => new MeasurePerformance(host).RunAsync(request, progress, token));

    /// <summary>Installs the product on its host.</summary>
    public static UseCase<InstallHostRequest, ChangeResult> InstallHost { get; } = Change<InstallHostRequest>(
        "installHost", (host, request, progress, token) => new InstallHost(host).RunAsync(request, progress, token));

    /// <summary>Takes the product off its host.</summary>
    public static UseCase<UninstallHostRequest, ChangeResult> UninstallHost { get; } = Change<UninstallHostRequest>(
        "uninstallHost",
        (host, request, progress, token) => new UninstallHost(host).RunAsync(request, progress, token));

    /// <summary>Names the nodes of the host's cluster; changes nothing.</summary>
    public static UseCase<ReadClusterRequest, ClusterReport> ReadCluster { get; } =
        Read<ReadClusterRequest, ClusterReport>(
        "showCluster", (host, _, _) => new ClusterReport(host.Proxmox.Node, host.Install.Nodes));

    /// <summary>The doctor: looks for every fault that it knows; changes nothing.</summary>
    public static UseCase<RunDoctorRequest, RunDoctorResult> RunDoctor { get; } =
        Add<RunDoctorRequest, RunDoctorResult>(
        "testHost", (host, request, _, token) => new RunDoctor(host).RunAsync(request, token), isReading: true);

    /// <summary>Reads what a support bundle has of a host, without secrets; changes nothing.</summary>
    public static UseCase<ReadDiagnosticRequest, DiagnosticReport> ReadDiagnostic { get; } =
        Add<ReadDiagnosticRequest, DiagnosticReport>(
        "readDiagnostic", (host, request, _, token) => new ReadDiagnostic(host).RunAsync(request, token));

    /// <summary>Executes the safe fixes of what the doctor finds.</summary>
    public static UseCase<RepairHostRequest, ChangeResult> RepairHost { get; } = Change<RepairHostRequest>(
        "repairHost", (host, request, progress, token) => new RepairHost(host).RunAsync(request, progress, token));

    /// <summary>Releases what VMs left that neither run nor start.</summary>
    public static UseCase<SweepHostRequest, ChangeResult> SweepHost { get; } = Change<SweepHostRequest>(
        "sweepHost", (host, request, progress, token) => new SweepNow(host).RunAsync(request, progress, token));

    /// <summary>Makes a host ready for vGPUs: kernel, command line, nouveau, driver, services.</summary>
    public static UseCase<InitializeHostRequest, ChangeResult> InitializeHost { get; } = Change<InitializeHostRequest>(
        "initializeHost",
        (host, request, progress, token) => new InitializeHost(host).RunAsync(request, progress, token));

    /// <summary>Takes a part of a file of the machine that asks, for one use; the session's end removes it.</summary>
    public static UseCase<UploadPart, UploadFileResult> UploadFile { get; } = Add<UploadPart, UploadFileResult>(
        "uploadFile",
        async (host, part, _, token) => new UploadFileResult(
            await host.Uploads.AddAsync(part, token).ConfigureAwait(false)));

    /// <summary>Removes files that the session uploaded.</summary>
    public static UseCase<RemoveUploadRequest, RemoveUploadResult> RemoveUpload { get; } =
        Add<RemoveUploadRequest, RemoveUploadResult>(
        "removeUpload",
        async (host, request, _, token) => new RemoveUploadResult(
            await host.Uploads.RemoveAsync(request.Id, token).ConfigureAwait(false)));

    private static UseCase<TRequest, TResult> Read<TRequest, TResult>(
        string name, Func<HostPorts, TRequest, CancellationToken, TResult> read)
        where TRequest : notnull
        where TResult : notnull =>
        Add<TRequest, TResult>(
            name, (host, request, _, token) => Task.FromResult(read(host, request, token)), isReading: true);

    private static UseCase<TRequest, ChangeResult> Change<TRequest>(
        string name, Func<HostPorts, TRequest, IProgress<StepProgress>, CancellationToken, Task<ChangeResult>> change)
        where TRequest : ChangeRequest => Add<TRequest, ChangeResult>(
            name, (host, request, progress, token) => change(
                request.IsPlanOnly && request.Foreseen.Count > 0 ? host.Foresee(request.Foreseen) : host, request,
                progress, token));

    private static UseCase<TRequest, TResult> Add<TRequest, TResult>(
        string name, Func<HostPorts, TRequest, IProgress<StepProgress>, CancellationToken, Task<TResult>> run,
        bool isReading = false)
        where TRequest : notnull
        where TResult : notnull
    {
        var useCase = new UseCase<TRequest, TResult>(
            name, Json<TRequest>(), Json<TResult>(), run)
        { IsReading = isReading };
        s_all.Add(useCase);
        return useCase;
    }

    private static JsonTypeInfo<T> Json<T>() => (JsonTypeInfo<T>)UseCaseJsonContext.Default.GetTypeInfo(typeof(T))!;
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
[JsonSerializable(typeof(ReadDiagnosticRequest))]
[JsonSerializable(typeof(DiagnosticReport))]
[JsonSerializable(typeof(ChangeResult))]
[JsonSerializable(typeof(ExportLayoutRequest))]
[JsonSerializable(typeof(HostLayout))]
[JsonSerializable(typeof(ApplyLayoutRequest))]
[JsonSerializable(typeof(NewMappingRequest))]
[JsonSerializable(typeof(SyncMappingRequest))]
[JsonSerializable(typeof(RemoveMappingRequest))]
[JsonSerializable(typeof(TestMappingsRequest))]
[JsonSerializable(typeof(IReadOnlyList<VgpuMappingTestInfo>))]
[JsonSerializable(typeof(CreateMigInstancesRequest))]
[JsonSerializable(typeof(RemoveMigInstancesRequest))]
[JsonSerializable(typeof(CreateMigComputeInstancesRequest))]
[JsonSerializable(typeof(RemoveMigComputeInstancesRequest))]
[JsonSerializable(typeof(CreateVgpuRequest))]
[JsonSerializable(typeof(RemoveVgpuRequest))]
[JsonSerializable(typeof(SaveLayoutRequest))]
[JsonSerializable(typeof(SetConfigurationRequest))]
[JsonSerializable(typeof(TestConfigurationRequest))]
[JsonSerializable(typeof(IReadOnlyList<VgpuConfigurationTestInfo>))]
[JsonSerializable(typeof(AddVmVgpuRequest))]
[JsonSerializable(typeof(SetVmVgpuRequest))]
[JsonSerializable(typeof(RemoveVmVgpuRequest))]
[JsonSerializable(typeof(SetVmVgpuAffinityRequest))]
[JsonSerializable(typeof(OptimizePlacementRequest))]
[JsonSerializable(typeof(RemoveVmVgpuAffinityRequest))]
[JsonSerializable(typeof(TestVmVgpuRequest))]
[JsonSerializable(typeof(StartVgpuVmRequest))]
[JsonSerializable(typeof(StopVgpuVmRequest))]
[JsonSerializable(typeof(ReadCapacityRequest))]
[JsonSerializable(typeof(CapacityReport))]
[JsonSerializable(typeof(FindPlacementRequest))]
[JsonSerializable(typeof(PlacementReport))]
[JsonSerializable(typeof(ReadAdviceHostRequest))]
[JsonSerializable(typeof(AdviceHost))]
[JsonSerializable(typeof(ReadMovableVmsRequest))]
[JsonSerializable(typeof(IReadOnlyList<MovableVm>))]
[JsonSerializable(typeof(FitVmsRequest))]
[JsonSerializable(typeof(IReadOnlyList<VmFit>))]
[JsonSerializable(typeof(ReadMigrationSourceRequest))]
[JsonSerializable(typeof(MigrationSource))]
[JsonSerializable(typeof(ReadMigrationTargetRequest))]
[JsonSerializable(typeof(MigrationTarget))]
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
[JsonSerializable(typeof(MeasurePerformanceRequest))]
[JsonSerializable(typeof(MeasurePerformanceResult))]
[JsonSerializable(typeof(PerformanceOutcome))]
[JsonSerializable(typeof(VmVgpuTestInfo))]
[JsonSerializable(typeof(IReadOnlyList<VgpuHookTestInfo>))]
[JsonSerializable(typeof(ReadEventsRequest))]
[JsonSerializable(typeof(ReadEventsResult))]
[JsonSerializable(typeof(ReadMetricsRequest))]
[JsonSerializable(typeof(MetricReport))]
[JsonSerializable(typeof(InstallHostRequest))]
[JsonSerializable(typeof(UninstallHostRequest))]
[JsonSerializable(typeof(ReadClusterRequest))]
[JsonSerializable(typeof(ClusterReport))]
[JsonSerializable(typeof(RunDoctorRequest))]
[JsonSerializable(typeof(RepairHostRequest))]
[JsonSerializable(typeof(SweepHostRequest))]
[JsonSerializable(typeof(InitializeHostRequest))]
[JsonSerializable(typeof(RunDoctorResult))]
[JsonSerializable(typeof(ReadGuestInstancesRequest))]
[JsonSerializable(typeof(GuestInstancesReport))]
[JsonSerializable(typeof(UploadPart))]
[JsonSerializable(typeof(UploadFileResult))]
[JsonSerializable(typeof(RemoveUploadRequest))]
[JsonSerializable(typeof(RemoveUploadResult))]
public sealed partial class UseCaseJsonContext : JsonSerializerContext;
