using VgpuPS.Core.Layout;
using VgpuPS.Host;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Host.Operations.Guests;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Operations.Licensing;
using VgpuPS.Host.Operations.Mig;
using VgpuPS.Host.Operations.Setup;
using VgpuPS.Host.Operations.Vgpus;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using VgpuPS.Tests.Operations.Doctor;
using VgpuPS.Tests.Operations.Licensing;
using VgpuPS.Tests.Operations.VmVgpus;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>
/// What is reported of a change is true, whichever change it is: a step is reported when it begins, its line is in the
/// log of changes when it ends, and of a change that fails nothing is reported that was not begun.
/// </summary>
public sealed class ProgressTests
{
    private const string Log = "write /var/log/vgpups/events.jsonl";
    private const string Snippet = "/var/lib/vz/snippets/own.sh";
    private const string Run = "/root/NVIDIA-Linux-x86_64-580.105.08-grid.run";

    /// <summary>
    /// Each kind of change, and its course: <c>b</c> a sentence is reported, <c>c</c> the host is changed, <c>e</c> a
    /// line of the log is written. Sentences that one write fulfils begin together, and so do a step and the first of a
    /// change within.
    /// </summary>
    private static readonly Dictionary<string, (string Course, Func<Change> Make)> s_kinds = new(StringComparer.Ordinal)
    {
        ["layout"] = ("bcece bcece bcece bcece", () => Layout(
            WithInstances(), Changes.With(instances: [new("2g.12gb"), new("2g.12gb")]))),
        ["MIG mode"] = ("bce bce bce", () => Layout(Changes.On("A30"), Changes.With(mig: true))),
        ["mixed sizes"] = ("bce bce bce", () => Layout(
            Changes.On("L40S"), Changes.With(mixed: true, scheduler: Changes.Equal(2)), persist: true)),
        ["instances"] = ("bcece bcece", () => Node(
            Changes.On("A30", mig: true).Node,
            new CreateMigInstancesRequest { Gpu = Changes.Gpu, Profiles = ["1g.6gb"], Count = 2 },
            HostUseCases.CreateMigInstances)),
        ["vGPU"] = ("bce", () => Node(
            Changes.On("L40S").Node, new CreateVgpuRequest { Gpu = Changes.Gpu, Type = "L40S-12Q" },
            HostUseCases.CreateVgpu)),
        ["layout file"] = ("bce", () => Node(
            Changes.On("A30").Node, new SaveLayoutRequest { Layout = new HostLayout(1, [Changes.With(sriov: true)]) },
            HostUseCases.SaveLayout)),
        ["vGPU of a VM"] = ("bce bbcee", () => Vm(
            _ => { }, new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C" }, HostUseCases.AddVmVgpu)),
        ["vGPU of a VM removed"] = ("bce", () => Vm(
            Add, new RemoveVmVgpuRequest { Vm = "101", Entry = "hostpci0" }, HostUseCases.RemoveVmVgpu)),
        ["hook"] = ("bce bce bce", () => Vm(Chain, Hook, HostUseCases.RegisterVgpuHook)),
        ["hook removed"] = ("bce bce", () => Vm(
            Register, new UnregisterVgpuHookRequest { Vm = "101" }, HostUseCases.UnregisterVgpuHook)),
        ["installation"] = ("bce bce bce bce bce bce bce bce bce bce bce bce bce bce bce bce", () => Node(
            WithProgram(), new InstallHostRequest(), HostUseCases.InstallHost)),
        ["removal"] = ("bce bce", () => Node(WithProgram(), new UninstallHostRequest(), HostUseCases.UninstallHost)),
        ["preparation"] = ("bce bce bcec bec", () => Node(
            LabHostNode.Create(new LabOptions { IsBare = true, WithVms = true }),
            new InitializeHostRequest { Restart = true }, HostUseCases.InitializeHost)),
        ["repair"] = ("bce bbceec", () => Node(WithFaults(), new RepairHostRequest(), HostUseCases.RepairHost)),
        ["licence"] = ("bc bc bcec", () => Guest(_ => { }, GuestLab.Request(), HostUseCases.SetGridLicense)),
        ["licence removed"] = ("bc bcec", () => Guest(
            lab => lab.Set(GuestLab.Request()), new RemoveGridLicenseRequest { Vm = "101" },
            HostUseCases.RemoveGridLicense)),
        ["driver"] = ("bc bc bc bc bcec", () => Guest(
            lab => lab.With(101, g => g.Driver = null).Host.Put(Run, new string('x', 2_000_000)),
            new InstallGuestDriverRequest { Vm = "101", Path = Run }, HostUseCases.InstallGuestDriver)),
    };

    private static RegisterVgpuHookRequest Hook => new() { Vm = "101" };

    public static TheoryData<string> Kinds => new(s_kinds.Keys);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Step_is_reported_when_it_begins_and_logged_when_it_ends(string kind)
    {
        var (course, make) = s_kinds[kind];
        var seen = make().Watch(failAt: 0);
        Assert.Null(seen.Error);
        Assert.Equal(course.Replace(" ", "", StringComparison.Ordinal), seen.Course);
        var numbers = seen.Reports.Select(r => r.Step).ToList();
        Assert.All(numbers.Zip(numbers.Skip(1)), n => Assert.InRange(n.Second - n.First, 0, 1));
        Assert.Equal((1, seen.Reports[^1].Count), (numbers[0], numbers[^1]));
        Assert.Single(seen.Reports.DistinctBy(r => r.Count));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_is_reported_after_a_step_that_fails(string kind)
    {
        var (course, make) = s_kinds[kind];
        var whole = make().Watch(failAt: 0);
        Assert.Equal(course.TakeWhile(c => c == 'b').Count(), whole.Calls[0].Begun);
        var failures = 0;
        foreach (var (call, begun) in whole.Calls)
        {
            var failed = make().Watch(call);
            if (failed.Error is not null)
            {
                failures++;
                Assert.Equal(whole.Reports.Take(begun), failed.Reports);
            }
        }

        // What is tidied up may fail.
        Assert.InRange(failures, whole.Calls.Select(c => c.Begun).Distinct().Count() / 2, whole.Calls.Count);
    }

    private static Change Layout(Changes host, GpuLayout layout, bool persist = false) =>
        Node(host.Node, Changes.Layout(layout, persist: persist), HostUseCases.ApplyLayout);

    private static Change Vm<TRequest>(
        Action<VmLab> prepare, TRequest request, UseCase<TRequest, ChangeResult> useCase)
        where TRequest : ChangeRequest
    {
        var lab = new VmLab();
        prepare(lab);
        return Node(lab.Node, request, useCase);
    }

    private static Change Guest<TRequest>(
        Action<GuestLab> prepare, TRequest request, UseCase<TRequest, ChangeResult> useCase)
        where TRequest : ChangeRequest
    {
        var lab = new GuestLab(101);
        prepare(lab);
        return Node(lab.Vms.Node, request, useCase);
    }

    private static Change Node<TRequest>(LabHostNode node, TRequest request, UseCase<TRequest, ChangeResult> useCase)
        where TRequest : ChangeRequest
    {
        var asked = request with { Source = "Test" };
        return new Change(node, (host, progress) => useCase.RunAsync(host, asked, progress, default));
    }

    private static Changes WithInstances()
    {
        var host = Changes.On("A30", mig: true);
        host.Do(
            HostUseCases.CreateMigInstances,
            new CreateMigInstancesRequest { Gpu = Changes.Gpu, Profiles = ["1g.6gb", "1g.6gb"] });
        return host;
    }

    private static LabHostNode WithProgram()
    {
        var node = LabHostNode.Create(new LabOptions { WithVms = true });
        node.Host.Put(LabVms.StagedProgram, "\u007fELF new", 0b111_000_000);
        return node;
    }

    private static LabHostNode WithFaults()
    {
        var node = HostFaults.All.Single(f => f.Name == "LayoutDiffers").Make();
        node.Host.Put("/usr/lib/systemd/system/vgpups.service", "[Install]\nWantedBy=multi-user.target\n");
        return node;
    }

    private static void Add(VmLab lab) => lab.Do(
        HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C", RegisterHook = false });

    private static void Chain(VmLab lab) =>
        lab.PutFile(Snippet, "#!/bin/sh\n", isExecutable: true).With(101, "hookscript: local:snippets/own.sh");

    private static void Register(VmLab lab)
    {
        Chain(lab);
        lab.Do(HostUseCases.RegisterVgpuHook, Hook);
    }

    /// <summary>What was seen of a change.</summary>
    /// <param name="Course">Its course in short.</param>
    /// <param name="Reports">What was reported.</param>
    /// <param name="Calls">
    /// The first two changes of each step: their numbers among all calls, and how many sentences had begun.
    /// </param>
    /// <param name="Error">How it failed; null where it did not.</param>
    private sealed record Seen(
        string Course, IReadOnlyList<StepProgress> Reports, IReadOnlyList<(int Call, int Begun)> Calls,
        Exception? Error);

    /// <summary>A change that was not begun yet.</summary>
    private sealed class Change(LabHostNode node, Func<HostPorts, IProgress<StepProgress>, Task> run)
        : IProgress<StepProgress>
    {
        private readonly List<StepProgress> _reports = [];
        private readonly List<(int Call, int Begun)> _calls = [];
        private string _course = "";

        /// <summary>Does it.</summary>
        /// <param name="failAt">Number of the call that fails; 0 for none.</param>
        public Seen Watch(int failAt)
        {
            var calls = 0;
            node.Host.Gate.Passing = (name, _) =>
            {
                calls++;
                if (calls == failAt)
                {
                    node.Host.Gate.Fail(name, Fault.NumbersOf(calls, name).First());
                }

                Pass(name, calls);
            };
            var error = Record.Exception(() => run(node.Connect(_ => { }), this).GetAwaiter().GetResult());
            node.Host.Gate.Passing = null;
            return new Seen(_course, _reports, _calls, error);
        }

        public void Report(StepProgress value)
        {
            _reports.Add(value);
            _course += "b";
        }

        private void Pass(string name, int call)
        {
            if (name == Log)
            {
                _course += "e";
            }
            else if (_course.Length > 0 && !name.Contains("/run/vgpups", StringComparison.Ordinal)
                && name != "mkdir /var/log/vgpups"
                && (Fault.IsChange(name) || name.StartsWith("unlink ", StringComparison.Ordinal)))
            {
                if (_calls.Count(c => c.Begun == _reports.Count) < 2)
                {
                    _calls.Add((call, _reports.Count));
                }

                _course += _course[^1] == 'c' ? "" : "c";
            }
        }
    }
}
