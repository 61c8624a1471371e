using System.Text.Json;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Host.Operations.Guests;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.Licensing;
using VgpuPS.Host.Operations.Setup;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Sessions;
using Xunit;

namespace VgpuPS.Tests.Operations;

public sealed class RequestJsonTests
{
    private static readonly ChangePlan s_plan = new("VM 101 (web)", ["Do it"], ["GPU instance 3"]);

    [Fact]
    public void What_a_request_leaves_out_has_its_default()
    {
        var json = UseCaseJsonContext.Default;
        var instances = JsonSerializer.Deserialize(
            """{"gpu":"0","profiles":["1g.6gb"]}""", json.CreateMigInstancesRequest)!;
        Assert.Equal((1, ""), (instances.Count, instances.Source));
        Assert.Equal(1, JsonSerializer.Deserialize(
            """{"gpu":"0","gpuInstanceId":1,"profile":"1g.6gb"}""", json.CreateMigComputeInstancesRequest)!.Count);
        Assert.True(JsonSerializer.Deserialize("""{"vm":"101"}""", json.AddVmVgpuRequest)!.RegisterHook);
        Assert.Equal(120, JsonSerializer.Deserialize(
            """{"vm":"101","token":"t","tokenName":"t.tok"}""", json.SetGridLicenseRequest)!.TimeoutSeconds);
        Assert.Empty(JsonSerializer.Deserialize("{}", json.InitializeHostRequest)!.Offers);
        Assert.Empty(JsonSerializer.Deserialize("{}", json.RunDoctorRequest)!.Checks);
        Assert.Empty(JsonSerializer.Deserialize("{}", json.RepairHostRequest)!.Checks);
        Assert.Empty(JsonSerializer.Deserialize("{}", json.TestVgpuHookRequest)!.Vms);
    }

    [Fact]
    public void Requests_and_results_travel_whole()
    {
        Travels(HostUseCases.AddVmVgpu, new AddVmVgpuRequest
        {
            Vm = "my web",
            Type = "A30-2-12C",
            Profile = "2g.12gb",
            MemoryMiB = 12288,
            Function = "f",
            Mapping = "m",
            PrimaryGpu = true,
            PciExpress = false,
            RegisterHook = false,
            Storage = "s",
            Source = "Add-VmVgpu",
            IsPlanOnly = true,
            Confirmed = s_plan,
        });
        Travels(HostUseCases.SetVmVgpu, new SetVmVgpuRequest
        {
            Vm = "101",
            Entry = "hostpci3",
            Type = "t",
            Profile = "p",
            MemoryMiB = 1,
            Function = "f",
            Mapping = "m",
            PrimaryGpu = false,
            PciExpress = true,
            Confirmed = s_plan,
        });
        Travels(HostUseCases.RemoveVmVgpu, new RemoveVmVgpuRequest { Vm = "101", Entry = "hostpci3" });
        Travels(HostUseCases.RegisterVgpuHook, new RegisterVgpuHookRequest { Vm = "101", Storage = "local" });
        Travels(HostUseCases.UnregisterVgpuHook, new UnregisterVgpuHookRequest { Vm = "101", Force = true });
        Travels(HostUseCases.TestVmVgpu, new TestVmVgpuRequest { Vm = "101" });
        Travels(HostUseCases.TestVgpuHook, new TestVgpuHookRequest { Vms = ["101", "web"] });
        Travels(HostUseCases.ReadEvents, new ReadEventsRequest
        {
            Last = 3,
            After = new DateTime(2026, 1, 5, 8, 0, 0, DateTimeKind.Utc),
            Before = new DateTime(2026, 1, 5, 9, 0, 0, DateTimeKind.Utc),
            VmIds = [101],
            Sources = ["hook"],
            Actions = ["create*"],
        });
        Same(HostUseCases.ReadEvents.ResultJson, new ReadEventsResult(
            [new VgpuEventInfo { Time = new DateTime(2026, 1, 5, 8, 0, 0,
                DateTimeKind.Utc), Source = "hook", Action = "a", Target = "o", After = "x" }], 2));
        Travels(HostUseCases.RunDoctor, new RunDoctorRequest { Checks = ["Iommu*"] });
        Travels(HostUseCases.RepairHost,
            new RepairHostRequest { Checks = ["LayoutDiffers"], Source = "Repair-VgpuHost", Confirmed = s_plan });
        Travels(HostUseCases.SweepHost, new VgpuPS.Host.Operations.VmStart.SweepHostRequest { Confirmed = s_plan });
        Travels(HostUseCases.InitializeHost,
            new InitializeHostRequest
            {
                DriverPath = "/root/x.run",
                Restart = true,
                Force = true,
                Offers = [new("x.run", 5L << 30, "#!\u00ff\0")],
            });
        Travels(HostUseCases.UploadFile, new VgpuPS.Host.State.UploadPart
        {
            Id = "0123456789abcdef",
            Name = "x.run",
            Size = 5L << 30,
            Offset = 4L << 30,
            Content = [0, 255, 10],
            Sha256 = "ab",
        });
        Travels(HostUseCases.ReadGuestInstances, new ReadGuestInstancesRequest { Vm = "101", GuestAddress = "root@g" });
        Same(HostUseCases.ReadGuestInstances.ResultJson, new GuestInstancesReport([new(0, 1, "1c.2g.12gb", 1)]));
        Travels(HostUseCases.RemoveUpload, new RemoveUploadRequest("0123456789abcdef"));
        Same(HostUseCases.RunDoctor.ResultJson, new RunDoctorResult(
        [
            new VgpuHostTestInfo
            {
                Check = "IommuOff",
                Area = "Platform",
                Title = "t",
                Verdict = "Failed",
                Evidence = "e",
                Cause = "c",
                RecommendedAction = "f",
                Repairable = false,
            },
        ]));
        Same(HostUseCases.AddVmVgpu.ResultJson,
            new ChangeResult(s_plan, [new ChangedObject { VmId = 101, Entry = "hostpci0" }]));
        Same(HostUseCases.TestVmVgpu.ResultJson, new VmVgpuTestInfo
        {
            VmId = 101,
            VmName = null,
            Passed = true,
            HasVgpu = true,
            Steps = ["create it"],
            ErrorId = "X",
        });
        Same(
            HostUseCases.TestVgpuHook.ResultJson,
            [new VgpuHookTestInfo
            {
                VmId = 101,
                VmName = null,
                Check = "File",
                Passed = true,
                Detail = "x",
                RecommendedAction = null
            }]);
    }

    [Fact]
    public void Requests_about_guests_travel_whole()
    {
        Travels(HostUseCases.SetGridLicense, new SetGridLicenseRequest
        {
            Vm = "101",
            Token = "a.b.c",
            TokenName = "t.tok",
            FeatureType = 2,
            Server = "dls",
            Via = GuestVia.Ssh,
            GuestAddress = "root@web",
            KeepOnFailure = true,
            TimeoutSeconds = 7,
            Confirmed = s_plan,
        });
        Travels(HostUseCases.RemoveGridLicense, new RemoveGridLicenseRequest { Vm = "101", Via = GuestVia.Agent });
        Travels(HostUseCases.ReadGridLicense, new ReadGridLicenseRequest { Vm = "101", GuestAddress = "x" });
        Travels(HostUseCases.InstallGuestDriver,
            new InstallGuestDriverRequest { Vm = "101", Path = "/root/a.run", Force = true });
        Travels(HostUseCases.TestGridLicenses, new TestGridLicensesRequest(["101"], 60));
        Same(HostUseCases.ReadGridLicense.ResultJson,
            new GridLicenseReport(101, "Debian", "1.2", "p", "s", default(DateTimeOffset), "dls", 1, 0.5, 2, ["line"]));
        Same(HostUseCases.TestGridLicenses.ResultJson,
        [
            new GridLicenseTestInfo
            {
                VmId = 101,
                VmName = "web",
                VgpuType = "A30-6C",
                LicenseStatus = "Licensed",
                LicenseExpiry = default(DateTimeOffset),
                Passed = true,
                Message = null,
                RecommendedAction = null,
            },
        ]);
    }

    [Fact]
    public void Every_use_case_has_a_name_of_its_own() =>
        Assert.Equal(HostUseCases.All.Count, HostUseCases.All.Select(u => u.Name).Distinct().Count());

    private static void Travels<TRequest, TResult>(UseCase<TRequest, TResult> useCase, TRequest request)
        where TRequest : notnull
        where TResult : notnull
    {
        Assert.Contains(useCase, HostUseCases.All);
        Same(useCase.RequestJson, request);
    }

    private static void Same<T>(System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json, T value)
    {
        var text = JsonSerializer.Serialize(value, json);
        Assert.DoesNotContain('\n', text);
        Assert.Equal(text, JsonSerializer.Serialize(JsonSerializer.Deserialize(text, json)!, json));
        Assert.Equivalent(value, JsonSerializer.Deserialize(text, json), strict: true);
    }
}
