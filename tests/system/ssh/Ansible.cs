using System.Globalization;
using System.Text;

namespace VgpuPS.SshTests;

/// <summary>
/// Debian's <c>ansible</c> with the same sshd, in its fast setting: pipelining, and connections that stay. Without
/// retries it loses hosts to sshd's MaxStartups.
/// </summary>
internal static class Ansible
{
    private const string Program = "/usr/bin/ansible";

    public static bool IsHere => File.Exists(Program);

    /// <summary>Makes ready a run of one <c>command</c> on a number of hosts, all of them the sshd, each with a
    /// connection of its own.</summary>
    public static Func<Task> Prepare(Sshd host, int count, int throttle)
    {
        var folder = Directory.CreateDirectory(Path.Combine(host.Folder, $"ansible{count}")).FullName;
        var inventory = new StringBuilder();
        for (var n = 0; n < count; n++)
        {
            inventory.AppendLine(
                CultureInfo.InvariantCulture,
                $"host{n} ansible_host=127.0.0.1 ansible_port={host.Port} ansible_user=root "
                    + $"ansible_control_path={folder}/c{n} "
                + $"ansible_ssh_private_key_file={host.Bed.KeyPath} ansible_remote_tmp={folder}/tmp "
                + $"ansible_ssh_common_args='-o UserKnownHostsFile={host.Folder}/known_hosts' "
                + $"ansible_python_interpreter=/usr/bin/python3");
        }

        var hosts = Path.Combine(folder, "hosts");
        File.WriteAllText(hosts, inventory.ToString());
        File.WriteAllText(Path.Combine(folder, "ansible.cfg"), "[ssh_connection]\npipelining = True\nretries = 9\n");
        return () => SshBed.RunAsync(
            "/usr/bin/env", $"ANSIBLE_CONFIG={folder}/ansible.cfg", $"ANSIBLE_LOCAL_TEMP={folder}/local",
            "ANSIBLE_NOCOLOR=1",
            Program, "all", "-i", hosts, "-f", throttle.ToString(CultureInfo.InvariantCulture), "-m", "command", "-a",
            "true");
    }
}
