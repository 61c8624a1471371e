using System.Text;
using VgpuPS.Core.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Guests;

public sealed class ConfigTextTests
{
    [Theory]
    [InlineData("", "da39a3ee5e6b4b0d3255bfef95601890afd80709")]
    [InlineData("abc", "a9993e364706816aba3e25717850c26c9cd0d89d")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1")]
    public void The_digest_is_sha1(string text, string digest) =>
        Assert.Equal(digest, ConfigDigest.Of(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void The_digest_is_that_of_the_library_at_every_length()
    {
        for (var length = 0; length < 300; length++)
        {
            var text = Enumerable.Range(0, length).Select(i => (byte)(i * 7)).ToArray();
#pragma warning disable CA5350 // Compared with, not relied on.
            Assert.Equal(
                Convert.ToHexStringLower(System.Security.Cryptography.SHA1.HashData(text)), ConfigDigest.Of(text));
#pragma warning restore CA5350
        }
    }

    [Theory]
    [InlineData("0000:4b:00.4,mdev=nvidia-1,pcie=1", "0000:ca:00.4", "0000:ca:00.4,mdev=nvidia-1,pcie=1")]
    [InlineData("mdev=nvidia-1,host=0000:4b:00.4,pcie=1", "mapping=x", "mapping=x,mdev=nvidia-1,pcie=1")]
    [InlineData("mapping=x,mdev=nvidia-1", "0000:ca:00.4", "0000:ca:00.4,mdev=nvidia-1")]
    [InlineData("", "0000:ca:00.4", "0000:ca:00.4")]
    public void A_device_is_named_anew(string value, string device, string expected) =>
        Assert.Equal(expected, HostPciText.WithDevice(value, device));

    [Theory]
    [InlineData("a,mdev=nvidia-1,pcie=1", "mdev", "nvidia-2", "a,mdev=nvidia-2,pcie=1")]
    [InlineData("a,mdev=nvidia-1", "x-vga", "1", "a,mdev=nvidia-1,x-vga=1")]
    [InlineData("a,x-vga=1,rombar=0", "x-vga", null, "a,rombar=0")]
    [InlineData("a,rombar=0", "x-vga", null, "a,rombar=0")]
    public void A_property_is_set_where_it_was(string value, string key, string? setting, string expected) =>
        Assert.Equal(expected, HostPciText.With(value, key, setting));
}
