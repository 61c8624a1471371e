using VgpuPS.Core.Capacity;
using VgpuPS.Core.Layout;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Operations.Hook;
using static VgpuPS.Host.Operations.Doctor.CheckOutcome;

namespace VgpuPS.Host.Operations.Doctor.Checks;

/// <summary>Our own files: configuration, layout, claims.</summary>
internal static class FilesChecks
{
    private const string Area = "Files";

    private static readonly string[] s_acted = ["/etc/vgpups/config.json", "/etc/vgpups/layout.json"];

    public static IEnumerable<HostCheck> All =>
    [
        new("ConfigUnreadable", Area, "/etc/vgpups/config.json can be read",
            p => Readable(() => p.Settings, isNewer: false)),
        new("LayoutUnreadable", Area, "/etc/vgpups/layout.json can be read",
            p => Readable(() => p.Layout, isNewer: null)),
        new("ClaimsUnreadable", Area, "/run/vgpups/claims.json can be read",
            p => Readable(() => p.Claims, isNewer: false)) { IsRepairable = true },
        new("ClaimsNewer", Area, "/run/vgpups/claims.json is of this version",
            p => Readable(() => p.Claims, isNewer: true)),
        new("FileNotTrusted", Area, "files that root acts on are writable by root only", CheckTrust),
        new("HookFileNotTrusted", Area, "the hook's own files are writable by root only", CheckHookTrust),
        new("ConfigNamesMissingVm", Area, "the configuration names VMs that exist", CheckNames),
        new("ConfigNamesMissingVgpu", Area, "the configuration's plugin parameters are for vGPUs of VMs", CheckVgpus),
        new("ConfigNamesMissingProfile", Area, "the configuration's demand names profiles that a GPU has", CheckDemand),
        new("LayoutGpuMissing", Area, "GPUs that the layout names exist", CheckLayoutGpus),
        new("LayoutDiffers", Area, "GPUs match the layout", CheckLayout) { IsRepairable = true },
    ];

    /// <summary>Whether an entry of a layout is about a GPU.</summary>
    public static bool IsMeant(GpuLayout layout, GpuInfo gpu) =>
        GpuMatch.Matches(layout.Gpu, PciAddress.Parse(gpu.GpuAddress), new GpuUuid(gpu.GpuUuid), gpu.Model);

    /// <param name="read">Reads the file.</param>
    /// <param name="isNewer">Whether this check is about one of a newer version, or about all others; null for
    /// both.</param>
    private static CheckOutcome Readable(Func<object?> read, bool? isNewer)
    {
        try
        {
            return Pass(read() is null ? "there is none" : "it can");
        }
        catch (UnreadableDataException e)
        {
            return isNewer is { } wanted && wanted != (e.ErrorId == ErrorIds.NewerVersion)
                ? Skip("another check reports it")
                : Fail(
                    e.Message, e.ErrorId == ErrorIds.NewerVersion ? "a newer version of the hook wrote it, and an "
                        + "older one runs now" : "it was edited or cut off",
                    e.RecommendedAction);
        }
    }

    /// <summary>Those that are refused otherwise; on a network file system another machine keeps owner and
    /// mode.</summary>
    private static CheckOutcome CheckTrust(DoctorSnapshot p)
    {
        var found = FindTrust(p, s_acted.Concat(FindChained(p)));
        return found.Exists(t => !t.IsOnNetwork)
            ? FailOf(
                [.. found.Where(t => !t.IsOnNetwork).Select(t => $"{t.Path}: {t.Description}")], "they are",
                "users who can write there decide what root does; such a file is not used", Fix(found))
            : WarnOf(
                [.. found.Select(t => $"{t.Path} (network file system): {t.Description}")], "they are",
                "users who can write there, on any machine, decide what root does", Fix(found));
    }

    private static CheckOutcome CheckHookTrust(DoctorSnapshot p)
    {
        var found = FindTrust(p, new SnippetStorages(p.Host).Copies().Append(HookVolume.InstalledPath));
        return WarnOf(
            [.. found.Select(t => $"{t.Path}: {t.Description}")], "they are",
            "Proxmox runs the hook as root, and users who can write there can replace it", Fix(found));
    }

    private static List<FileTrust> FindTrust(DoctorSnapshot p, IEnumerable<string> paths) =>
        [.. paths.Distinct().Select(p.Host.HookFiles.FindTrust).OfType<FileTrust>().Where(t => !t.IsTrusted)];

    private static IEnumerable<string> FindChained(DoctorSnapshot p)
    {
        try
        {
            return p.Settings.Chain.Values.Select(c => c.Path);
        }
        catch (VgpuException)
        {
            // Another check, or this one, reports why it cannot be read.
            return [];
        }
    }

    private static string Fix(List<FileTrust> found) => "restrict them: "
        + $"{string.Join("; ", found.Select(t => t.Fix).Distinct())}";

    private static CheckOutcome CheckNames(DoctorSnapshot p)
    {
        var known = p.Host.Proxmox.GetVms().Concat(p.Host.Proxmox.GetVmsElsewhere().Select(v => v.Vm))
            .Select(v => v.ToString()).ToHashSet(StringComparer.Ordinal);
        return WarnOf(
            [.. p.Settings.Chain.Keys.Concat(p.Settings.KeepTypes.Keys).Concat(p.Settings.VgpuParameters.Keys)
                .Distinct().Where(v => !known.Contains(v)).Select(v => $"VM {v}")],
            "it does",
            "the VM was removed, and its entry in chain, keepTypes or vgpuParameters stays: a new VM of that number "
                + "would inherit it",
            "remove it from /etc/vgpups/config.json");
    }

    /// <summary>An entry that is none of a VM's vGPUs; of one that cannot be read nothing is known.</summary>
    private static CheckOutcome CheckVgpus(DoctorSnapshot p)
    {
        var vms = p.Vms.Where(v => v.Problem is null).ToDictionary(v => v.Vm.ToString(), StringComparer.Ordinal);
        return WarnOf(
            [.. from vm in p.Settings.VgpuParameters
                where vms.ContainsKey(vm.Key)
                from entry in vm.Value.Keys
                where !vms[vm.Key].Requests.Any(r => r.Name == entry)
                select $"VM {vm.Key} {entry}"],
            "they are",
            "the vGPU was removed with qm, or moved to another entry: the next one in that entry would inherit them",
            "remove it from vgpuParameters in /etc/vgpups/config.json");
    }

    private static CheckOutcome CheckDemand(DoctorSnapshot p) => p.Settings.Demand is not { } demand
        ? Skip("no demand is configured")
        : GpuChecks.OnAnsweringDriver(p, () =>
        {
            var known = p.Report.Gpus.SelectMany(g => g.Profiles).Select(f => f.Profile).ToHashSet(
                StringComparer.Ordinal);
            return p.Report.Gpus.Any(g => g.MigCurrent is not null && g.Profiles.Count == 0)
                ? Skip("a GPU with MIG mode off reports no profiles")
                : WarnOf(
                    [.. demand.Keys.Where(k => !known.Contains(k)).Select(k => $"demand for {k}")], "it does",
                    "the name is mistyped, or no GPU of this host has the profile: that demand counts for nothing",
                    "name profiles as vgpu-hook show --json lists them: nano /etc/vgpups/config.json");
        });

    /// <summary>Entries that mean no GPU; of one that does not answer only its address is known.</summary>
    private static IEnumerable<GpuLayout> WithoutGpu(DoctorSnapshot p)
    {
        var silent = p.Report.Problems.Select(r => r.Gpu).OfType<string>().ToList();
        return (p.Layout?.Gpus ?? []).Where(l => !p.Report.Gpus.Any(g => IsMeant(l, g))
            && (PciAddress.TryParse(l.Gpu, out var address)
                ? !silent.Contains(address.ToString()) : silent.Count == 0));
    }

    private static CheckOutcome CheckLayoutGpus(DoctorSnapshot p) => p.Layout is null
        ? Skip("there is no layout")
        : GpuChecks.OnAnsweringDriver(p, () => FailOf(
            [.. WithoutGpu(p).Select(l => $"{l.Gpu} of the layout")],
            $"{p.Layout.Gpus.Count} entries",
            "the name is mistyped, the GPU was moved or removed, or the driver does not have it",
            "correct it: Export-VgpuLayout -Save; or edit /etc/vgpups/layout.json"));

    private static CheckOutcome CheckLayout(DoctorSnapshot p)
    {
        if (p.Layout is not { } layout)
        {
            return Skip("there is no layout");
        }

        if (!p.DriverAnswers || WithoutGpu(p).Any()
            || layout.Gpus.Any(l => l.Mig == true && p.Report.Gpus.Any(g => g.MigCurrent is null && IsMeant(l, g))))
        {
            return Skip("another check reports it");
        }

        try
        {
            return WarnOf(
                p.LayoutPlan.Value.Steps, "they are",
                "a driver reload, sriov-manage, a reboot without the boot service, or a manual change",
                "apply the layout: Sync-VgpuLayout");
        }
        catch (VgpuException e) when (e is not AccessDeniedException)
        {
            return Warn(e.Message, "the layout cannot be applied in the current state", e.RecommendedAction);
        }
    }
}
