BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    $package = '/root/NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run'
}

Describe 'Initialize-VgpuHost' {
    BeforeEach { $null = New-TestLab -Option @{ Bare = $true } }
    AfterAll { Disconnect-All }

    It 'makes a bare host ready in two runs with a restart between them' {
        Initialize-VgpuHost $package -Restart -WarningVariable said -WarningAction SilentlyContinue
        $said | Should -HaveCount 1
        $said[0] | Should -BeLike '*restarts now*nouveau*Initialize-VgpuHost again*'
        (Test-VgpuHost).Where({ -not $_.Passed }).Check | Should -Be 'DriverMissing'
        (Initialize-VgpuHost $package -PassThru).DriverVersion | Should -Be '580.105.06'
        Test-VgpuHost | Where-Object -Not Passed | Should -BeNullOrEmpty
        Initialize-VgpuHost $package -WarningVariable again
        $again | Should -BeNullOrEmpty
    }

    It 'shows with -WhatIf what it would do, and does nothing' {
        $text = Invoke-TestProcess "`$null = New-TestLab -Option @{ Bare = `$true }; Initialize-VgpuHost $package -WhatIf; (Test-VgpuHost).Where({ -not `$_.Passed }).Check"
        $text | Should -Contain 'What if: Initialize-VgpuHost on host pve1:'
        $text -join "`n" | Should -BeLike '*1. Install packages proxmox-headers-*dkms*In /etc/default/grub add iommu=pt*Blacklist nouveau*NouveauLoaded*DriverMissing*'
    }

    It 'refuses what is no host driver' {
        (Get-TestError { Initialize-VgpuHost /root/NVIDIA-Linux-x86_64-580.105.06-grid.run }).FullyQualifiedErrorId | Should -BeLike 'DriverPackage*,*'
        (Get-TestError { Initialize-VgpuHost ./x.run }).FullyQualifiedErrorId | Should -BeLike 'DriverPackageWrong,*'
    }
}
