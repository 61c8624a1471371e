using VgpuPS.Changing;
using VgpuPS.Core.Layout;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Operations.Mig;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.Sessions;
using Xunit;

namespace VgpuPS.Tests.Module;

public sealed class ChangeRunnerTests
{
    private readonly LabHostSession _lab = LabHosts.Make(
        "lab", new LabOptions { Gpus = ["H100-PCIe"], WithVms = true }, false, null);

    [Fact]
    public async Task A_plan_that_nobody_agrees_to_changes_nothing()
    {
        await SwitchMigOnAsync();
        var sink = new RecordingSink(answer: false);
        Assert.Null(await PrepareAsync(sink, Request("1g.10gb")));
        Assert.Single(Assert.Single(sink.Asked).Steps, s => s.Contains("1g.10gb", StringComparison.Ordinal));
        Assert.Empty((await ReadAsync()).Gpus[0].Instances);
    }

    [Fact]
    public async Task What_is_agreed_to_is_carried_out_and_read_back()
    {
        await SwitchMigOnAsync();
        var sink = new RecordingSink();
        var change = await PrepareAsync(sink, Request("1g.10gb", "2g.20gb"));
        Assert.NotNull(change);
        Assert.Empty((await ReadAsync()).Gpus[0].Instances);
        await change(CancellationToken.None);
        Assert.Equal(
            ["1g.10gb", "2g.20gb"],
            sink.Objects.Cast<MigInstanceInfo>().Select(i => i.Profile).Order(StringComparer.Ordinal));
        Assert.NotEmpty(sink.Steps);
    }

    [Fact]
    public async Task What_is_so_already_is_not_asked_about()
    {
        await SwitchMigOnAsync();
        var sink = new RecordingSink();
        Assert.Null(await new ChangeRunner(sink, _lab, "Enable-MigMode").PrepareAsync(
            HostUseCases.ApplyLayout, Mig(), null, CancellationToken.None));
        Assert.Empty(sink.Asked);
    }

    [Fact]
    public void Every_use_case_has_a_name_of_its_own() =>
        Assert.Equal(HostUseCases.All.Count, HostUseCases.All.Select(u => u.Name).Distinct().Count());

    private static ApplyLayoutRequest Mig() => new()
    {
        Gpus = [new GpuLayout { Gpu = "0000:4b:00.0", Mig = true }],
        Reset = true,
    };

    private async Task SwitchMigOnAsync()
    {
        var change = await new ChangeRunner(new RecordingSink(), _lab, "Enable-MigMode").PrepareAsync(
            HostUseCases.ApplyLayout, Mig(), null, CancellationToken.None);
        await change!(CancellationToken.None);
    }

    private static CreateMigInstancesRequest Request(params string[] profiles) =>
        new() { Gpu = "0000:4b:00.0", Profiles = profiles };

    private Task<Func<CancellationToken, Task>?> PrepareAsync(RecordingSink sink, CreateMigInstancesRequest request) =>
        new ChangeRunner(sink, _lab, "New-MigInstance").PrepareAsync(
            HostUseCases.CreateMigInstances, request,
            (inventory, changed) => inventory.Gpus.SelectMany(inventory.InstancesOf)
                .Where(i => i.GpuInstanceId == changed.GpuInstanceId),
            CancellationToken.None);

    private Task<HostReport> ReadAsync() => ReadingRunner.ReadAsync(
        new RecordingSink(), _lab, new ReadHostRequest(), CancellationToken.None);
}
