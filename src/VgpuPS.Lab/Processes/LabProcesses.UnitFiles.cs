using VgpuPS.Lab.Files;

namespace VgpuPS.Lab.Processes;

public sealed partial class LabProcesses
{
    private static readonly string[] s_unitFolders = ["/etc/systemd/system", "/usr/lib/systemd/system"];

    /// <summary>What <c>systemctl enable</c> and <c>disable</c> do: links as the unit's [Install] section
    /// says.</summary>
    /// <remarks>
    /// Source: systemctl(1), systemd.unit(5): a link in /etc/systemd/system/TARGET.wants for each WantedBy; the text
    /// for a missing file as systemd 252 prints it.
    /// </remarks>
    private ProcessResult EnableUnits(string[] units, bool isEnabled, bool now)
    {
        foreach (var name in units.Select(FullName))
        {
            var path = s_unitFolders.Select(f => $"{f}/{name}").FirstOrDefault(p => _host.Files.GetInfo(p) is not null);
            if (path is null)
            {
                return new ProcessResult(
                    1, null, false, 0, "",
                    $"Failed to {(isEnabled ? "enable" : "disable")} unit: Unit file {name} does not exist.\n");
            }

            var targets = Encoding.UTF8.GetString(_host.Files.Read(path, LargestFile)).Split('\n')
                .Where(l => l.StartsWith("WantedBy=", StringComparison.Ordinal))
                .SelectMany(l => l["WantedBy=".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
            _host.With(state =>
            {
                foreach (var link in targets.Select(t => $"/etc/systemd/system/{t}.wants/{name}"))
                {
                    if (isEnabled)
                    {
                        LabTree.PutLink(state, link, path);
                    }
                    else
                    {
                        LabTree.Remove(state, link);
                    }
                }

                Run(state, name, isEnabled, now);
                return Changed(true);
            });
        }

        return Exit(0, "");
    }

    private static void Run(LabState state, string name, bool isEnabled, bool now)
    {
        var unit = state.Units.Find(u => u.Name == name);
        if (!now)
        {
            return;
        }

        if (!isEnabled)
        {
            LabBoot.Stop(state, name);
        }
        else if (unit is null)
        {
            state.Units.Add(new LabUnit { Name = name, ActiveState = "active", SubState = "waiting" });
        }
        else
        {
            LabBoot.Start(state, name);
        }
    }
}
