using VgpuPS.Core.Advice;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Advising;

/// <summary>Sets of tenants with what is to be recommended for them, and why.</summary>
public sealed class VgpuAdvisorTests
{
    private const long GiB = 1024;

    /// <summary>The rules of the article's use cases, one after the other, then what boards and drivers
    /// allow.</summary>
    public static TheoryData<string, string[], Tenant[], string, string> Sets => new()
    {
        {
            "several GPU developers with short runs want the whole GPU while the others idle",
            ["A30"], [Of("dev", 4, 6) with { Burst = true }],
            "dev: 4 x A30-6C | 0 BestEffort", "Burst"
        },
        {
            "inference that wants the lowest latency of single requests on a GPU that is idle much of the time",
            ["A30"], [Of("chat", 2, 12) with { Burst = true, Kernels = KernelSize.Large }],
            "chat: 2 x A30-12C | 0 BestEffort", "Burst"
        },
        {
            "programs that must see all SMs to parallelise for them",
            ["A30"], [Of("solver", 3, 8) with { AllMultiprocessors = true }],
            "solver: 3 x A30-8C | 0 BestEffort", "AllMultiprocessors"
        },
        {
            "guarantees for work that compute or bandwidth bounds",
            ["A30"], [Of("train", 4, 6) with { Guarantee = true, Kernels = KernelSize.Large }],
            "train: 4 x A30-1-6C | 0 MIG", "Guarantee"
        },
        {
            "developers who tune and need the same figure in each run",
            ["A30"], [Of("tune", 2, 12) with { Guarantee = true }],
            "tune: 2 x A30-2-12C | 0 MIG", "Guarantee"
        },
        {
            "the highest sum, without the price of context switching",
            ["A30"], [Of("batch", 4, 6) with { Kernels = KernelSize.Large }],
            "batch: 4 x A30-1-6C | 0 MIG", "HighestSum"
        },
        {
            "many inference streams at once, too small for a whole GPU whose use is to be raised",
            ["A100-80"], [Of("stream", 7, 10) with { Kernels = KernelSize.Small }],
            "stream: 7 x A100D-1-10C | 0 MIG", "SmallKernels"
        },
        {
            "two GPUs, one each way: bursts on the one, guarantees on the other",
            ["A30", "A30"],
            [Of("dev", 4, 6) with { Burst = true }, Of("train", 2, 12) with { Guarantee = true }],
            "dev: 4 x A30-6C; train: 2 x A30-2-12C | 0 BestEffort; 1 MIG", "Burst"
        },
        {
            "unified memory: time-sliced only with the whole frame buffer, so instances serve more",
            ["A30"], [Of("uvm", 4, 6) with { UnifiedMemory = true, Burst = true }],
            "uvm: 4 x A30-1-6C | 0 MIG | uvm 4 partly", "UnifiedMemory"
        },
        {
            "a board without MIG: guarantees are fixed shares there, and it is said",
            ["L40S"], [Of("train", 4, 12) with { Guarantee = true }],
            "train: 4 x L40S-12C | 0 FixedShare | train 4 partly", "FixedShare"
        },
        {
            "encoders: a type of class Q, and the A30 has neither",
            ["L40S"], [Of("video", 3, 8) with { Encoder = true }],
            "video: 3 x L40S-8Q | 0 BestEffort", "Encoder"
        },
        {
            "one size on a GPU: the smaller tenant gets more beside the larger, or goes to the other GPU",
            ["A30", "A30"],
            [Of("small", 2, 4) with { Burst = true }, Of("large", 2, 12) with { Burst = true }],
            "small: 2 x A30-4C; large: 2 x A30-12C | 0 BestEffort; 1 BestEffort", "Burst"
        },
        {
            "bursts of two sizes on one GPU: mixed sizes, which the A30 can",
            ["A30"],
            [Of("small", 2, 6) with { Burst = true }, Of("large", 1, 12) with { Burst = true }],
            "small: 2 x A30-6C; large: 1 x A30-12C | 0 BestEffort", "MixedSizes"
        },
        {
            "guarantees on a board without MIG: fixed shares need one size, so sizes are not mixed",
            ["L40S"],
            [Of("train", 2, 8) with { Guarantee = true }, Of("big", 1, 16) with { Guarantee = true }],
            "train: 2 x L40S-16C; big: 1 x L40S-16C | 0 FixedShare | train 2 partly; big 1 partly", "OneSize"
        },
        {
            "two sizes of which the larger serves all: nothing is turned on for it",
            ["L40S"],
            [Of("small", 1, 12) with { Burst = true }, Of("large", 1, 24) with { Burst = true }],
            "small: 1 x L40S-24C; large: 1 x L40S-24C | 0 BestEffort", "OneSize"
        },
        {
            "all SMs and a guarantee contradict each other, but for a GPU of its own",
            ["A30", "A30"],
            [
                Of("both", 1, 6) with { AllMultiprocessors = true, Guarantee = true },
                Of("train", 4, 6) with { Guarantee = true },
            ],
            "both: 1 x A30-24C; train: 4 x A30-1-6C | 0 MIG; 1 BestEffort", "WholeGpu"
        },
        {
            "more guarantees than instances: four are kept rather than five given fixed shares",
            ["A30"], [Of("train", 5, 4) with { Guarantee = true }],
            "train: 4 x A30-1-6C | 0 MIG | train 1 none", "Guarantee"
        },
        {
            "an H100 whose driver has instances alone: the largest has all SMs",
            ["H100-PCIe"], [Of("llm", 1, 80) with { AllMultiprocessors = true }],
            "llm: 1 x H100-7-80C | 0 MIG", "HighestSum"
        },
        {
            "an A100: the largest instance lacks SMs, so the whole memory is a GPU of its own, time-sliced",
            ["A100-80"], [Of("llm", 1, 80)],
            "llm: 1 x A100D-80C | 0 BestEffort", "WholeGpu"
        },
        {
            "an H200: seven of one slice",
            ["H200"], [Of("serve", 7, 18) with { Guarantee = true }],
            "serve: 7 x H200X-1-18C | 0 MIG", "Guarantee"
        },
        {
            "a Blackwell whose instances carry several: a guarantee takes a whole one",
            ["RTX-PRO-6000"], [Of("safe", 2, 8) with { Guarantee = true }, Of("desk", 4, 8)],
            "safe: 2 x RTX Pro 6000 Blackwell DC-1-24C; desk: 4 x RTX Pro 6000 Blackwell DC-1-8C | 0 MIG",
            "SharedInstance"
        },
        {
            "a T4 without functions or MIG",
            ["T4"], [Of("infer", 4, 4)], "infer: 4 x T4-4C | 0 BestEffort", "NoMig"
        },
    };

    [Theory]
    [MemberData(nameof(Sets))]
    public void Tenants_get_what_suits_them(
        string why, string[] models, Tenant[] tenants, string recommendation, string rule)
    {
        Assert.NotEmpty(why);
        var host = AdviceLab.Read(models);
        Assert.Equal(recommendation, AdviceLab.Recommend(host, tenants));
        Assert.Contains(rule, AdviceLab.Ask(host, tenants)[0][0].Reasons.Select(r => r.Rule));
    }

    [Fact]
    public void Each_rule_of_a_reason_is_in_the_table_with_its_source() =>
        Assert.All(AdviceRules.All, r => Assert.True(r.Source.Length > 0 && r.Text.Length > 0, r.Name));

    [Theory]
    [InlineData("A30", 25, false, "25600 MiB are more than any type has; the largest is A30-24C")]
    [InlineData("A30", 6, true, "no GPU has an encoder for it")]
    [InlineData("B200", 500, false, "the largest is B200X-7-180C")]
    public void What_no_GPU_can_serve_is_nobody_s_and_the_reason_is_named(
        string model, int memoryGiB, bool encoder, string reason)
    {
        Tenant[] tenants = [Of("none", 2, memoryGiB) with { Encoder = encoder }];
        var advisor = new VgpuAdvisor(tenants, [AdviceLab.Read(model)], []);
        Assert.Empty(advisor.Advise());
        Assert.Contains(reason, Assert.Single(advisor.ExplainNothing()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Unified_memory_with_live_migration_contradicts_itself_and_the_others_are_served()
    {
        var row = AdviceLab.Ask(
            AdviceLab.Read("A30"), Of("bad", 1, 6) with { UnifiedMemory = true, LiveMigration = true },
            Of("good", 2, 6))[0][0];
        Assert.Equal(("bad", false), (row.Unsatisfied[0].Tenant, row.Unsatisfied[0].IsPlaced));
        Assert.Equal("good", Assert.Single(row.Tenants).Tenant);
    }

    [Fact]
    public void Alternatives_are_ranked_each_way_of_sharing_once()
    {
        var host = AdviceLab.Read("A30", "A30");
        var ways = AdviceLab.Ask(host, Of("dev", 4, 6) with { Burst = true }).Select(a => (a[0].Rank, a[0].Sharing));
        Assert.Equal([(1, "TimeSliced"), (2, "Mixed"), (3, "MigBacked")], ways);
    }

    [Fact]
    public void The_same_question_has_the_same_answer_in_any_order_of_the_GPUs_asked()
    {
        var tenants = new[]
        {
            Of("a", 3, 6), Of("b", 2, 12) with { Burst = true }, Of("c", 1, 24) with { UnifiedMemory = true },
        };
        var host = AdviceLab.Read("A30", "A30", "A30", "L40S");
        var first = AdviceLab.Recommend(host, tenants);
        Assert.All(Enumerable.Range(0, 5), _ => Assert.Equal(first, AdviceLab.Recommend(AdviceLab.Read(
            "A30", "A30", "A30", "L40S"), tenants)));
    }

    [Fact]
    public void Many_tenants_on_many_GPUs_are_all_served_where_they_fit()
    {
        var host = AdviceLab.Read("A100-80", "A100-80", "A100-80", "A100-80", "A30", "A30", "A30", "A30");
        var row = AdviceLab.Ask(
            host, Of("small", 20, 10) with { Guarantee = true }, Of("half", 2, 40) with { Guarantee = true },
            Of("dev", 8, 6) with { Burst = true }, Of("unified", 2, 12) with { UnifiedMemory = true },
            Of("streams", 4, 6) with { Kernels = KernelSize.Small })[0][0];
        Assert.Empty(row.Unsatisfied);
        Assert.Equal(36, row.Tenants.Sum(t => t.Count));
    }

    [Fact]
    public void More_than_any_host_takes_is_answered_too()
    {
        var row = AdviceLab.Ask(AdviceLab.Read("L40S"), Of("all", 1024, 4), Of("more", 1024, 8))[0][0];
        Assert.Equal(2048, row.Tenants.Sum(t => t.Count) + row.Unsatisfied.Sum(u => u.Count));
        Assert.True(row.Tenants.Sum(t => t.Count) >= 6);
    }

    [Theory]
    [InlineData("DeviceMemory", 196, 196, "A30-1-6C", true)]
    [InlineData("DeviceMemory", 786, 160, "A30-6C", false)]
    [InlineData("LargeGemm", 16000, 15300, "A30-1-6C", true)]
    [InlineData("LargeGemm", 68800, 14500, "A30-6C", false)]
    [InlineData("HostToDevice", 25.2, 6.3, "A30-1-6C", true)]
    [InlineData("SmallGemm", 6680, 1410, "A30-6C", false)]
    public void The_article_s_own_case_has_the_article_s_figures(
        string workload, double idle, double loaded, string type, bool isMig)
    {
        var row = AdviceLab.Ask(AdviceLab.Read("A30"), Of("t", 4, 6) with { Burst = !isMig })[0][0];
        var figure = row.Tenants[0].Figures.Single(f => f.Workload == workload);
        Assert.Equal((type, "Article"), (row.Tenants[0].VgpuType, figure.Basis));
        Assert.Equal((idle, loaded), (figure.Idle, figure.Loaded));
    }

    [Fact]
    public void A_board_that_the_article_says_nothing_about_has_no_figures_but_measured_ones()
    {
        var host = AdviceLab.Read("L40S");
        var tenant = Of("t", 4, 12) with { Burst = true };
        Assert.All(AdviceLab.Ask(host, tenant)[0][0].Tenants[0].Figures, f => Assert.Equal("NotKnown", f.Basis));
        VgpuPerformanceInfo[] measured =
        [
            Measured("lab", "DeviceMemory", "Idle", 1, 700), Measured("lab", "DeviceMemory", "Loaded", 4, 150),
            Measured("other", "LargeGemm", "Idle", 1, 1),
        ];
        var row = new VgpuAdvisor([tenant], [host], measured).Advise()[0][0];
        Assert.Equal("DeviceMemory 700/150 GB/s", row.Tenants[0].Figures.Single(f => f.Basis == "Measured").ToString());
        Assert.Contains(row.Notes, n => n.Contains("simulated", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("DeviceMemory", 320, 320)]
    [InlineData("LargeGemm", 29_000, 29_000)]
    [InlineData("HostToDevice", 25.2, 12.6)]
    public void With_fixed_shares_a_vGPU_alone_has_its_part_of_the_time_only(
        string workload, double idle, double loaded)
    {
        var row = AdviceLab.Ask(
            AdviceLab.Read("A30"), Of("t", 2, 12) with { Guarantee = true, AllMultiprocessors = true })[0][0];
        var figure = row.Tenants[0].Figures.Single(f => f.Workload == workload);
        Assert.Equal("FixedShare", row.Gpus[0].Scheduler);
        Assert.Equal((idle, loaded), (figure.Idle, figure.Loaded));
    }

    [Theory]
    [InlineData("FixedShare", "Measured")]
    [InlineData("BestEffort", "NotKnown")]
    public void Figures_of_another_scheduler_are_not_expected(string scheduler, string basis)
    {
        VgpuPerformanceInfo[] measured =
        [
            Measured("lab", "DeviceMemory", "Idle", 1, 700) with
            {
                Conditions = new VgpuPerformanceConditions { Scheduler = scheduler },
            },
        ];
        var row = new VgpuAdvisor(
            [Of("t", 4, 12) with { Guarantee = true }], [AdviceLab.Read("L40S")], measured).Advise()[0][0];
        Assert.Equal("FixedShare", row.Gpus[0].Scheduler);
        Assert.Equal(basis, row.Tenants[0].Figures.Single(f => f.Workload == "DeviceMemory").Basis);
    }

    [Fact]
    public void Sizes_are_mixed_in_the_layout_only_where_they_have_to_be()
    {
        Tenant[] bursts = [Of("small", 2, 6) with { Burst = true }, Of("large", 1, 12) with { Burst = true }];
        var row = AdviceLab.Ask(AdviceLab.Read("A30"), bursts)[0][0];
        Assert.True(row.Gpus[0].MixedSizes && row.Layout!.Gpus[0].MixedSizes == true);
        Assert.StartsWith(
            "  GPU 0 (A30): time-sliced, best effort, mixed sizes: 2 x", row.Lines[1], StringComparison.Ordinal);
        Assert.Contains(row.Notes, n => n.Contains("Export-VgpuLayout -Save", StringComparison.Ordinal));
        row = AdviceLab.Ask(AdviceLab.Read("A30"), bursts[0])[0][0];
        Assert.False(row.Gpus[0].MixedSizes);
        Assert.Null(row.Layout!.Gpus[0].MixedSizes);
    }

    [Theory]
    [InlineData("T4", false, "GPU 0 (Tesla T4) cannot mix sizes of time-sliced vGPUs")]
    [InlineData("L40S", true, "GPU 0 (L40S) mixes sizes only once no vGPU is on it: Enable-VgpuMixedSize 0")]
    [InlineData("L40S", null, "whether GPU 0 (L40S) can mix sizes of time-sliced vGPUs, its driver does not say")]
    public void Where_sizes_cannot_be_mixed_it_is_said(string model, bool? canMix, string note)
    {
        var host = AdviceLab.Read(model);
        var large = host.Gpus[0].Types.First(t => t.MaxPerGpu == 2 && t.IsCompute);
        host = new AdviceHost(
            [
                host.Gpus[0] with
                {
                    CanMixSizes = canMix,
                    Occupants = canMix == true ? [new AdviceOccupant(large.Name, large.FramebufferMiB, 101, true)] : [],
                },
            ],
            []);
        host.Stamp("lab");
        var row = AdviceLab.Ask(host, Of("small", 3, 4) with { Burst = true }, new Tenant
        {
            Name = "large",
            MemoryMiB = large.FramebufferMiB,
            Burst = true,
        })[0][0];
        Assert.NotEmpty(row.Unsatisfied);
        Assert.Contains(note, row.Notes);
    }

    [Fact]
    public void A_GPU_whose_vGPU_is_in_the_way_of_another_size_is_named()
    {
        var host = AdviceLab.Read("A30", "A30");
        host = host with
        {
            Gpus =
            [
                host.Gpus[0] with { Occupants = [new AdviceOccupant("A30-6C", 6144, 101, true)] }, host.Gpus[1],
            ],
        };
        var row = AdviceLab.Ask(host, Of("t", 3, 12) with { Burst = true })[0][0];
        Assert.Equal("t: 2 x A30-12C", row.Tenants.Single().ToString());
        Assert.Contains("GPU 0 (A30) mixes sizes only once no vGPU is on it: Enable-VgpuMixedSize 0", row.Notes);
    }

    [Fact]
    public void A_tenant_that_migrates_is_told_of_mappings()
    {
        var host = AdviceLab.Read("A30") with { Vms = [new AdviceVm(101, false)] };
        var row = AdviceLab.Ask(host, Of("t", 1, 6) with { VmIds = [101], LiveMigration = true })[0][0];
        Assert.Contains(row.Notes, n => n.Contains("New-VgpuMapping", StringComparison.Ordinal)
            && n.Contains("VM 101: A30-1-6C", StringComparison.Ordinal));
        row = AdviceLab.Ask(host, Of("t", 1, 6) with { VmIds = [101] })[0][0];
        Assert.DoesNotContain(row.Notes, n => n.Contains("New-VgpuMapping", StringComparison.Ordinal));
    }

    [Fact]
    public void One_tenant_alone_is_not_told_of_others()
    {
        var row = AdviceLab.Ask(AdviceLab.Read("A30"), Of("t", 5, 6))[0][0];
        Assert.StartsWith("nothing is free for more", Assert.Single(row.Unsatisfied).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_GPU_that_is_full_is_not_called_needless_while_VMs_have_no_place()
    {
        // Big ones fit the A100 alone.
        var big = Of("big", 2, 80) with { UnifiedMemory = true };
        var row = AdviceLab.Ask(AdviceLab.Read("A100-80", "A30"), big)[0][0];
        Assert.Contains("GPU 1 (A30) serves none of those without a place", row.Notes);
        row = AdviceLab.Ask(AdviceLab.Read("A100-80", "A30"), big with { Count = 1 })[0][0];
        Assert.Contains("GPU 1 (A30) is not needed", row.Notes);
    }

    [Fact]
    public void A_tenant_that_lacks_one_thing_for_one_reason_is_named_once()
    {
        // One of its VMs has a host, the other none yet: two groups, one gap.
        var host = AdviceLab.Read("A30") with { Vms = [new AdviceVm(101, false)] };
        var gap = Assert.Single(new VgpuAdvisor(
            [Of("t", 2, 6) with { Encoder = true, VmIds = [101] }], [host], []).ExplainNothing());
        Assert.Equal(2, gap.Count);
    }

    [Fact]
    public void A_GPU_that_has_nothing_free_is_not_called_needless_where_all_are_served()
    {
        var host = AdviceLab.Read("A30", "A30");
        host = host with
        {
            Gpus =
            [
                host.Gpus[0],
                host.Gpus[1] with { Occupants = [new AdviceOccupant("A30-24C", 24_576, 101, true)] },
            ],
        };
        var row = AdviceLab.Ask(host, Of("t", 1, 6))[0][0];
        Assert.Contains("GPU 1 (A30) has nothing for these tenants", row.Notes);
    }

    [Fact]
    public void A_VM_without_a_place_that_has_a_vGPU_is_named()
    {
        var host = AdviceLab.Read("A30") with { Vms = [new AdviceVm(101, true), new AdviceVm(102, false)] };
        var row = AdviceLab.Ask(
            host, Of("big", 4, 6) with { Guarantee = true }, Of("t", 2, 24) with { VmIds = [101, 102] })[0][0];
        Assert.EndsWith(
            "; VM 101 has a vGPU already: leave out who is served, or Remove-VmVgpu first",
            row.Unsatisfied.Single(g => g.Tenant == "t").Reason, StringComparison.Ordinal);
    }

    private static VgpuPerformanceInfo Measured(string host, string workload, string mode, int working, double value) =>
        new()
        {
            VgpuHost = host,
            VmId = 101,
            VmName = null,
            Workload = workload,
            Mode = mode,
            Tool = "Builtin",
            Value = value,
            Unit = "GB/s",
            Spread = null,
            Samples = [],
            Peak = null,
            GpuPeak = null,
            Sharing = "TimeSliced",
            VgpuType = "L40S-12C",
            GpuUuid = "GPU-1",
            GpuAddress = "0000:4b:00.0",
            Model = "NVIDIA L40S",
            VgpuCount = 4,
            WorkingCount = working,
            Time = DateTime.UnixEpoch,
            Seconds = 10,
            IsSimulated = true,
            Conditions = new VgpuPerformanceConditions(),
            Notes = [],
        };

    private static Tenant Of(string name, int count, long memoryGiB) =>
        new() { Name = name, Count = count, MemoryMiB = memoryGiB * GiB };
}
