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

/// <summary>How the host's report is written for programs: camelCase, indented.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(HostReport))]
public sealed partial class HostReportJsonContext : JsonSerializerContext;
