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
[JsonSerializable(typeof(ShowHostRequest))]
[JsonSerializable(typeof(HostReport))]
[JsonSerializable(typeof(ChangeResult))]
[JsonSerializable(typeof(ExportLayoutRequest))]
[JsonSerializable(typeof(HostLayout))]
[JsonSerializable(typeof(ApplyLayoutRequest))]
[JsonSerializable(typeof(CreateInstancesRequest))]
[JsonSerializable(typeof(RemoveInstancesRequest))]
[JsonSerializable(typeof(CreateComputeInstancesRequest))]
[JsonSerializable(typeof(RemoveComputeInstancesRequest))]
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
[JsonSerializable(typeof(SetGuestLicenseRequest))]
[JsonSerializable(typeof(TestGuestLicensesRequest))]
[JsonSerializable(typeof(IReadOnlyList<GridLicenseTestInfo>))]
[JsonSerializable(typeof(RemoveGuestLicenseRequest))]
[JsonSerializable(typeof(ReadGuestLicenseRequest))]
[JsonSerializable(typeof(GuestLicenseReport))]
[JsonSerializable(typeof(InstallGuestDriverRequest))]
[JsonSerializable(typeof(VmVgpuTestInfo))]
[JsonSerializable(typeof(IReadOnlyList<VgpuHookTestInfo>))]
[JsonSerializable(typeof(ReadEventsRequest))]
[JsonSerializable(typeof(ReadEventsResult))]
[JsonSerializable(typeof(InstallHostRequest))]
[JsonSerializable(typeof(UninstallHostRequest))]
[JsonSerializable(typeof(ShowClusterRequest))]
[JsonSerializable(typeof(ClusterReport))]
[JsonSerializable(typeof(TestHostRequest))]
[JsonSerializable(typeof(RepairHostRequest))]
[JsonSerializable(typeof(InitializeHostRequest))]
[JsonSerializable(typeof(TestHostResult))]
public sealed partial class UseCaseJsonContext : JsonSerializerContext;

/// <summary>How the host's report is written for programs: camelCase, indented.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(HostReport))]
public sealed partial class HostReportJsonContext : JsonSerializerContext;
