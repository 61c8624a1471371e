using FsCheck.Fluent;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Layout;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Sessions;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>From any legal layout to any other: the host becomes what is wanted, and asking again plans
/// nothing.</summary>
[Trait("Duration", "Long")]
public sealed class LayoutPropertyTests
{
    private const int Runs = 25;

    [Theory]
    [InlineData("A30")]
    [InlineData("A100-80")]
    [InlineData("H100")]
    public void Any_layout_that_fits_becomes_what_the_host_is(string model)
    {
        var profiles = GpuModel(model);
        var seeds = ArbMap.Default.GeneratorFor<int>().ListOf(6).ToArbitrary();
        var fitted = 0;
        Prop.ForAll(seeds, draws =>
        {
            var host = Changes.On(model, mig: true);
            foreach (var half in draws.Chunk(3))
            {
                var wanted = half.Select(d => profiles[(int)((uint)d % (uint)profiles.Count)]).ToList();
                var request = Changes.Layout(
                    new GpuLayout { Gpu = Changes.Gpu, Instances = [.. wanted.Select(p => new InstanceLayout(p))] });
                if (!Fits(host, request))
                {
                    continue;
                }

                fitted++;
                host.Run(HostUseCases.ApplyLayout, request);
                var there = host.Instances().Split(' ').Select(i => i[..i.IndexOf('@', StringComparison.Ordinal)]);
                Assert.Equal(wanted.Order(StringComparer.Ordinal), there.Order(StringComparer.Ordinal));
                Assert.Empty(host.Run(HostUseCases.ApplyLayout, request with { IsPlanOnly = true }).Plan.Steps);
            }
        }).Holds(Runs);
        Assert.True(fitted > Runs / 2, $"{fitted} of {Runs * 2} layouts fitted");
    }

    private static bool Fits(Changes host, ApplyLayoutRequest request)
    {
        try
        {
            host.Run(HostUseCases.ApplyLayout, request with { IsPlanOnly = true });
            return true;
        }
        catch (CapacityException)
        {
            return false;
        }
    }

    private static List<string> GpuModel(string model) =>
        [.. VgpuPS.Lab.Models.GpuModel.Load(model).Profiles.Select(
            p => p.Name.Replace("MIG ", "", StringComparison.Ordinal))];
}
