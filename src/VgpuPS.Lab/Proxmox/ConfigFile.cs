namespace VgpuPS.Lab.Proxmox;

/// <summary>A VM's configuration file.</summary>
/// <remarks>Source: facts/proxmox.md (b), PVE::QemuConfig, vmconfig_apply_pending; recordings.</remarks>
internal sealed class ConfigFile(PveHost host)
{
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);

    /// <summary>Loads a configuration; a content that was parsed before is not warned about again.</summary>
    /// <remarks>Source: recordings: the cluster file system's cache parses a content once.</remarks>
    public VmConfig Load(VmId vm, string? node = null)
    {
        var name = node ?? host.Options.Node;
        var text = host.ReadText(PvePaths.Config(name, vm))
            ?? throw new ProxmoxFailure($"Configuration file 'nodes/{name}/qemu-server/{vm}.conf' does not exist");
        var config = VmConfigReader.Read(text, host.Options.Generation);
        if (_warned.Add($"{vm} {text}"))
        {
            foreach (var line in config.Dropped)
            {
                host.Warn(line.Warning(vm));
            }
        }

        return config;
    }

    /// <summary>Whether the node has the VM's configuration.</summary>
    public bool Exists(VmId vm) => host.Exists(PvePaths.Config(host.Options.Node, vm));

    /// <summary>Moves pending changes into the main section and writes the file, if there are any.</summary>
    public VmConfig ApplyPending(VmId vm, VmConfig config)
    {
        if (config.Pending is { Values.Count: 0, DeleteText: null, Description: null })
        {
            return config;
        }

        var values = new Dictionary<string, string>(config.Main.Values, StringComparer.Ordinal);
        var deleted = Deleted(config.Pending.DeleteText);
        foreach (var key in deleted)
        {
            values.Remove(key);
        }

        foreach (var (key, value) in config.Pending.Values)
        {
            values[key] = value;
        }

        return Write(vm, config with
        {
            Main = config.Main with
            {
                Values = values,
                Description = config.Pending.Description
                    ?? (deleted.Contains("description") ? null : config.Main.Description),
            },
            Pending = config.Pending with
            {
                Values = new Dictionary<string, string>(StringComparer.Ordinal),
                DeleteText = null,
                Description = null,
            },
        });
    }

    // Source: PVE::AbstractConfig, parse_pending_delete, and PVE::Tools, split_list: a ! before a key forces.
    private static HashSet<string> Deleted(string? text) =>
        [.. (text ?? "").Split([',', ';', '\0', ' ', '\t', '\n', '\r', '\f'], StringSplitOptions.RemoveEmptyEntries)
            .Select(key => key[0] == '!' ? key[1..] : key)];

    /// <summary>Sets or clears (null) <c>lock:</c>.</summary>
    public VmConfig SetLock(VmId vm, VmConfig config, string? value)
    {
        var values = new Dictionary<string, string>(config.Main.Values, StringComparer.Ordinal);
        values.Remove("lock");
        if (value is not null)
        {
            values["lock"] = value;
        }

        return Write(vm, config with { Main = config.Main with { Values = values } });
    }

    public string Digest(VmId vm) =>
        ConfigDigest.Of(Encoding.UTF8.GetBytes(host.ReadText(PvePaths.Config(host.Options.Node, vm)) ?? ""));

    /// <summary>Sets and deletes keys: at once, or as pending changes where the VM runs.</summary>
    public void Change(
        VmId vm, VmConfig config, IReadOnlyDictionary<string, string> values, IReadOnlyList<string> deletions,
        bool isRunning)
    {
        var main = new Dictionary<string, string>(config.Main.Values, StringComparer.Ordinal);
        var pending = new Dictionary<string, string>(config.Pending.Values, StringComparer.Ordinal);
        var deleted = Deleted(config.Pending.DeleteText);
        foreach (var key in deletions)
        {
            pending.Remove(key);
            if (!Waits(key) || !main.ContainsKey(key))
            {
                main.Remove(key);
            }
            else
            {
                deleted.Add(key);
            }
        }

        foreach (var (key, value) in values)
        {
            deleted.Remove(key);
            pending.Remove(key);
            if (!Waits(key))
            {
                main[key] = value;
            }
            else if (main.GetValueOrDefault(key) != value)
            {
                pending[key] = value;
            }
        }

        Write(vm, config with
        {
            Main = config.Main with { Values = main },
            Pending = config.Pending with
            {
                Values = pending,
                DeleteText = deleted.Count == 0 ? null : string.Join(',', deleted.Order(StringComparer.Ordinal)),
            },
        });

        bool Waits(string key) => isRunning && key != "hookscript";
    }

    /// <summary>Moves the file to another node.</summary>
    public void Move(VmId vm, string target)
    {
        var folder = $"{PvePaths.Nodes}/{target}/qemu-server";
        var moved = PvePaths.Config(target, vm);
        host.Files.CreateDirectory(folder, PvePaths.FolderMode);
        host.Files.Rename(PvePaths.Config(host.Options.Node, vm), moved);
        host.RecordConfig(moved, host.ReadText(moved) ?? "");
    }

    private VmConfig Write(VmId vm, VmConfig config)
    {
        var path = PvePaths.Config(host.Options.Node, vm);
        var text = Encoding.UTF8.GetString(VmConfigWriter.Write(config));
        host.WriteFile(path, text, PvePaths.ConfigMode);
        host.RecordConfig(path, text);
        return Load(vm);
    }
}
