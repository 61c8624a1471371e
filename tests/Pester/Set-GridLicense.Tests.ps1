BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')

    # VMs that run with a vGPU each, and a token for their licence server.
    function New-GuestLab {
        param([string[]] $Vm = @('101', '102', '103', '104'))
        New-TestLab | Out-Null
        Enable-Sriov 0
        Enable-Sriov 1
        $Vm | ForEach-Object { Add-VmVgpu $_ A30-6C }
        Start-LabVm $Vm
        $script:token = Join-Path $TestDrive 'client_configuration_token_lab.tok'
        New-LabToken $token
    }
}

Describe 'Set-GridLicense' {
    It 'licenses four guests at once and writes what the host sees' {
        New-GuestLab
        $done = Set-GridLicense 101, 102, 103, 104 -TokenPath $token -PassThru
        $done.VmId | Sort-Object | Should -Be 101, 102, 103, 104
        $done.LicenseStatus | Select-Object -Unique | Should -Be 'Licensed'
        $done[0].LicenseExpiry | Should -BeGreaterThan ([DateTimeOffset]'2026-01-05')
    }

    It 'says of each guest that fails why, and goes on with the others' {
        New-GuestLab
        Set-LabGuest 102 -ClockOffset '-03:00:00'
        Set-LabGuest 103 -LicenseFault NoEntitlement
        $failures = @()
        Set-GridLicense 101, 102, 103, 104 -TokenPath $token -ErrorAction SilentlyContinue -ErrorVariable failures
        $ids = $failures.FullyQualifiedErrorId | Sort-Object
        $ids | Should -Be 'GuestClockSkew,VgpuPS.Commands.SetGridLicenseCommand', 'LicenseNotAcquired,VgpuPS.Commands.SetGridLicenseCommand'
        ($failures | Where-Object FullyQualifiedErrorId -Like 'GuestClockSkew*').ErrorDetails.Message | Should -Match '3 hours behind'
        ($failures | Where-Object FullyQualifiedErrorId -Like 'License*').ErrorDetails.Message | Should -Match 'no entitlement'
        (Get-GridLicense | Where-Object LicenseStatus -EQ 'Licensed').VmId | Should -Be 101, 104
    }

    It 'shows with -WhatIf each step and changes nothing' {
        New-GuestLab 101
        $text = Invoke-TestProcess "
            Connect-VgpuHost -Lab A30 | Out-Null; Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101
            Set-GridLicense 101 -TokenPath '$token' -WhatIf; (Get-GridLicense).LicenseStatus"
        $text -join "`n" | Should -Match 'Write the token for dls.lab'
        $text -join "`n" | Should -Match 'FeatureType to 1'
        $text[-1] | Should -Not -Be 'Licensed'
    }

    It 'takes guests from the pipeline' {
        New-GuestLab 101, 102
        Get-GridLicense | Set-GridLicense -TokenPath $token
        (Get-GridLicense).LicenseStatus | Should -Be 'Licensed', 'Licensed'
    }

    It 'does nothing the second time' {
        New-GuestLab 101
        Set-GridLicense 101 -TokenPath $token
        (Set-GridLicense 101 -TokenPath $token -PassThru).LicenseStatus | Should -Be 'Licensed'
        $steps = @()
        Set-GridLicense 101 -TokenPath $token -InformationVariable steps
        $steps | Should -BeNullOrEmpty
    }

    It 'goes over SSH where that is asked for' {
        New-GuestLab 101
        Set-LabGuest 101 -AgentRuns $false
        (Get-TestError { Set-GridLicense 101 -TokenPath $token }).FullyQualifiedErrorId | Should -BeLike 'GuestAgentNotRunning,*'
        (Set-GridLicense 101 -TokenPath $token -Via Ssh -GuestAddress root@web -PassThru).LicenseStatus | Should -Be 'Licensed'
    }

    It 'never shows the token' {
        New-GuestLab 101
        $secret = Get-Content $token -Raw
        $all = Set-GridLicense 101 -TokenPath $token -Verbose -Debug -PassThru *>&1 | Out-String -Width 4096
        Set-LabGuest 101 -LicenseFault Refused
        New-LabToken $token -Server other.lab
        $secret += '.' + (Get-Content $token -Raw)
        $all += Set-GridLicense 101 -TokenPath $token -Verbose -ErrorAction Continue *>&1 | Format-List * -Force | Out-String -Width 4096
        $all | Should -Not -BeNullOrEmpty
        foreach ($part in $secret -split '\.' | Where-Object Length -GT 20) {
            $all.Contains($part) | Should -BeFalse
        }
    }

    Context 'bad input' {
        BeforeAll {
            New-GuestLab 101
            $bad = Join-Path $TestDrive 'bad.tok'
        }

        It 'is refused: <Why>' -ForEach @(
            @{ Why = 'no file'; Make = { } ; Id = 'InvalidToken' }
            @{ Why = 'an empty file'; Make = { Set-Content $bad '' -NoNewline }; Id = 'InvalidToken' }
            @{ Why = 'a folder'; Make = { New-Item $bad -ItemType Directory }; Id = 'InvalidToken' }
            @{ Why = 'binary'; Make = { [IO.File]::WriteAllBytes($bad, [byte[]](0..255)) }; Id = 'InvalidToken' }
            @{ Why = '1 MB'; Make = { [IO.File]::WriteAllBytes($bad, [byte[]]::new(1MB)) }; Id = 'InvalidToken' }
            @{ Why = 'no token'; Make = { Set-Content $bad 'hello' }; Id = 'InvalidToken' }
            @{ Why = 'ended'; Make = { New-LabToken $bad -Expires '2026-01-01Z' }; Id = 'TokenExpired' }
        ) {
            Remove-Item $bad -Recurse -Force -ErrorAction Ignore
            & $Make | Out-Null
            $failure = Get-TestError { Set-GridLicense 101 -TokenPath $bad }
            $failure.FullyQualifiedErrorId | Should -BeLike "$Id,*"
        }

        It 'is refused: a token for another server' {
            (Get-TestError { Set-GridLicense 101 -TokenPath $token -Server other }).FullyQualifiedErrorId |
                Should -BeLike 'TokenServerMismatch,*'
        }

        It 'is refused: a VM that <Why>' -ForEach @(
            @{ Why = 'is not there'; Vm = '999'; Id = 'VmNotFound' }
            @{ Why = 'does not run'; Vm = '102'; Id = 'VmNotRunning' }
        ) {
            (Get-TestError { Set-GridLicense $Vm -TokenPath $token }).FullyQualifiedErrorId | Should -BeLike "$Id,*"
        }
    }
}
