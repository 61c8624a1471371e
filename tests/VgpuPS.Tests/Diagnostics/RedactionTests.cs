using VgpuPS.Core.Diagnostics;
using Xunit;

namespace VgpuPS.Tests.Diagnostics;

/// <summary>What a support bundle must not carry, whatever it stands in, and what it must still say.</summary>
public sealed class RedactionTests
{
    private const string Secret = "Hunter2xSECRETx";

    public static TheoryData<string> Secrets => new(
        "cipassword: Hunter2xSECRETx", "password=Hunter2xSECRETx", "{\"password\": \"Hunter2xSECRETx\"}",
        "{\"apiToken\":\"Hunter2\\\"xSECRETx\"}", "token: Hunter2xSECRETx", "DB_PASSWD='Hunter2xSECRETx and more'",
        "curl --token Hunter2xSECRETx https://x", "mysql --password=Hunter2xSECRETx", "-api-key Hunter2xSECRETx",
        "https://admin:Hunter2xSECRETx@mirror/deb", "http_proxy=http://me:Hunter2@x/SECRETx@proxy:3128/",
        "Authorization: Bearer Hunter2xSECRETx",
        "the password is Hunter2xSECRETx", "PVEAPIToken=root@pam!x=Hunter2xSECRETx",
        "PVEAuthCookie=PVE:root@pam:Hunter2xSECRETx", "root:$6$salt$Hunter2xSECRETx/abc:19000",
        "eyJhbGciOiJSUzI1NiJ9.Hunter2xSECRETx.sig", "eyJHunter2xSECRETx0123",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nHunter2xSECRETx\n-----END OPENSSH PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----%0AHunter2xSECRETx", "sshkeys: ssh-ed25519%20AAAAHunter2xSECRETx%20me",
        "ssh-rsa AAAAB3Hunter2xSECRETx me@x", "cryptkey secret=Hunter2xSECRETx quiet",
        "key Hunter2xSECRETxAbc0123456789Abc0123456789Abc0123456789", "Credential : Hunter2xSECRETx");

    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_secret_is_taken_out(string text)
    {
        var clean = Redaction.Of($"before\n{text}\nafter");
        Assert.DoesNotContain("SECRET", clean, StringComparison.Ordinal);
        Assert.DoesNotContain("Hunter2", clean, StringComparison.Ordinal);
        Assert.Contains(Redaction.Mark, clean, StringComparison.Ordinal);
        Assert.StartsWith("before\n", clean, StringComparison.Ordinal);
        Assert.Equal(clean, Redaction.Of(clean));
    }

    [Theory]
    [InlineData("NVRM: Xid (PCI:0000:4b:00): 79, pid=1234, GPU has fallen off the bus.")]
    [InlineData("GPU-11111111-2222-3333-4444-555555555555 0000:4b:00.4 nvidia-690")]
    [InlineData("MIG-GPU-11111111-2222-3333-4444-555555555555/3/0")]
    [InlineData("hostpci0: 0000:4b:00.4,mdev=nvidia-690,pcie=1")]
    [InlineData("Jan 05 08:00:00 pve1 nvidia-vgpu-mgr[1044]: notice: vmiop_log: license state: Licensed")]
    [InlineData("BOOT_IMAGE=/boot/vmlinuz-6.14.11-4-pve root=/dev/mapper/pve-root ro quiet intel_iommu=on")]
    public void What_is_no_secret_stays(string text) => Assert.Equal(text, Redaction.Of(text));

    [Fact]
    public void JSON_stays_JSON()
    {
        var clean = Redaction.Of("""{ "token": "Hunter2xSECRETx", "a": { "passwordHash": "x\"y" }, "b": [1] }""");
        Assert.Equal("""{ "token": "[redacted]", "a": { "passwordHash": "[redacted]" }, "b": [1] }""", clean);
    }

    [Theory]
    [InlineData("-")]
    [InlineData("a.")]
    [InlineData("password")]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    [InlineData("a@")]
    [InlineData("1:")]
    [InlineData("://a:")]
    [InlineData("serial ")]
    [InlineData("serial-")]
    [InlineData(" ")]
    [InlineData("GPU-")]
    public void Long_text_of_any_kind_is_read_in_a_time_that_grows_with_it(string part)
    {
        // Each of these would take hours if a rule began anew at each character.
        var text = string.Concat(Enumerable.Repeat(part, 400_000 / part.Length));
        _ = new Anonymizer("salt").Of(Redaction.Of(text));
    }

    [Fact]
    public void Names_and_addresses_are_replaced_by_the_same_words_and_what_joins_files_stays()
    {
        var names = new Anonymizer("salt");
        names.AddVm(101, "web.customer-a");
        names.AddVm(102, "web");
        names.AddVm(103, "103");
        names.AddHost("pve1");
        names.AddHost("pve1.example.com");
        const string Text = "PVE1 pve1.example.com pve10 web web.customer-a webserver VM 101 0000:4b:00.4 103 "
            + "10.0.0.7 10.0.0.8 fe80::1 aa:bb:cc:dd:ee:ff me@example.com 580.105.06 127.0.0.1 "
            + "GPU-11111111-2222-3333-4444-555555555555 2001:db8:0:0:0:0:0:1 nvidia-web-x 12:34:56";
        var clean = names.Of(Text);
        Assert.Matches(
            "^host-[0-9a-f]{8} host-[0-9a-f]{8} pve10 vm-102 vm-101 webserver VM 101 0000:4b:00.4 103 "
                + "ip-[0-9a-f]{8} ip-[0-9a-f]{8} ip-[0-9a-f]{8} mac-[0-9a-f]{8} mail-[0-9a-f]{8} 580.105.06 127.0.0.1 "
                + "GPU-[0-9a-f]{8} ip-[0-9a-f]{8} nvidia-web-x 12:34:56$",
            clean);
        Assert.Equal(clean, names.Of(Text));
        Assert.StartsWith(names.HostWord("pve1") + " ", clean, StringComparison.Ordinal);
        Assert.NotEqual(new Anonymizer("other").HostWord("pve1"), names.HostWord("pve1"));
    }

    [Theory]
    [InlineData("    Serial Number                         : 1324921012345", "1324921012345")]
    [InlineData("NVRM: GPU serial number is 1324921012345.", "1324921012345")]
    [InlineData("Capabilities: [300] Device Serial Number 48-b0-2d-ff-fe-12-34-56", "48-b0-2d-ff-fe-12-34-56")]
    [InlineData("\"serial\": \"1324921012345\"", "1324921012345")]
    [InlineData("{\"gpu\": \"GPU-11111111-2222-3333-4444-55555555abcd\"}", "GPU-11111111-2222-3333-4444-55555555abcd")]
    [InlineData("MIG-11111111-2222-3333-4444-55555555abcd", "11111111-2222")]
    [InlineData("VM UUID : 5C9e8f1a-0000-1111-2222-333344445555", "33334444")]
    [InlineData("root=UUID=5c9e8f1a-0000-1111-2222-333344445555 ro", "5c9e8f1a")]
    [InlineData("container dns shares them", "dns")]
    public void Devices_and_containers_are_named_no_more(string text, string gone)
    {
        var names = new Anonymizer("salt");
        names.AddContainer(200, "dns");
        var clean = names.Of(text);
        Assert.DoesNotContain(gone, clean, StringComparison.Ordinal);
        Assert.Equal(clean, names.Of(text));
    }

    [Theory]
    [InlineData("console on serial port 1, serial8250 and a serial number of N/A, then a serial: socket")]
    [InlineData("mdev 00000000-0000-0000-0000-000000000101 of VM 101 on 0000:4b:00.4")]
    public void What_names_no_device_stays(string text) => Assert.Equal(text, new Anonymizer("salt").Of(text));

    [Fact]
    public void Of_a_configuration_only_lines_that_matter_are_taken_and_the_others_named()
    {
        var text = VmConfigExcerpt.Of(
            "#password of the guest: Hunter2xSECRETx\nname: web\ncipassword: Hunter2xSECRETx\nargs: -device x\n"
            + "hostpci0: 0000:4b:00.4,mdev=nvidia-690\nscsi0: local:x\nHunter2xSECRETx{}: y\nmemory: 2048\n\n"
            + "[before-customer]\nhostpci0: 1\nsshkeys: Hunter2xSECRETx\n[PENDING]\nnuma0: cpus=0-1\n");
        Assert.Equal(
            "name: web\nhostpci0: 0000:4b:00.4,mdev=nvidia-690\nmemory: 2048\n[snapshot]\nhostpci0: 1\n[PENDING]\n"
            + "numa0: cpus=0-1\n# left out: a line without a key, args, cipassword, description, scsi0, sshkeys\n",
            text);
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
    }
}
